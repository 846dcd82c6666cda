/** Clients name the same host again and again. */
let lastHost = '';
let lastName = '';

/**
 * The one way to write the host that a `Host` header or a route names: it may be in capitals, and end
 * with the dot of the root and with a port.
 */
export const hostName = (host: string): string => {
  if (host !== lastHost) {
    lastName = withoutPort(host).replace(/\.$/, '').toLowerCase();
    lastHost = host;
  }
  return lastName;
};

const withoutPort = (host: string): string => {
  const at = host.lastIndexOf(':');
  return at > host.lastIndexOf(']') ? host.slice(0, at) : host;
};

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { isHost } from './request-check.ts';

/** What a proxy in front may say of its clients, and nobody else. */
export class Proxies {
  readonly #trusted = new BlockList();
  readonly #isEmpty: boolean;

  constructor(trusted: readonly string[]) {
    this.#isEmpty = trusted.length === 0;
    for (const each of trusted) {
      const [address = '', bits] = each.split('/');
      if (bits === undefined) this.#trusted.addAddress(address, familyOf(address));
      else this.#trusted.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  trusts({ socket }: IncomingMessage): boolean {
    return !this.#isEmpty && this.#isTrusted(plain(socket.remoteAddress));
  }

  /** The address that a request came from first, as far as that is believed. */
  clientOf(request: IncomingMessage): string {
    return this.#chain(request)[0] ?? plain(request.socket.remoteAddress);
  }

  /** For a worker or a command: from where, how and for which host a request came. */
  forwarded(request: IncomingMessage): OutgoingHttpHeaders {
    const { headers, socket } = request;
    const isTrusted = this.trusts(request);
    const said = (name: string): string | undefined =>
      isTrusted ? headers[name]?.toString().split(',')[0]?.trim() : undefined;
    const own = 'encrypted' in socket ? 'https' : 'http';
    const protocol = said('x-forwarded-proto');
    const host = said('x-forwarded-host');
    return {
      'x-forwarded-for': [...this.#chain(request), plain(socket.remoteAddress)].join(', '),
      'x-forwarded-proto': protocol === 'http' || protocol === 'https' ? protocol : own,
      'x-forwarded-host': host !== undefined && isHost(host) ? host : hostOf(request),
    };
  }

  /** Through whom it came, back to the first that is not trusted: who stands before that, it may have made up. */
  #chain(request: IncomingMessage): readonly string[] {
    if (!this.trusts(request)) return [];
    const all = addresses(request.headers['x-forwarded-for']);
    return all.slice(
      Math.max(
        0,
        all.findLastIndex((each) => !this.#isTrusted(each)),
      ),
    );
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }
}

/** HTTP/2 has it in a field of its own. */
export const hostOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string =>
  headers.host ?? headers[':authority']?.toString() ?? '';

/** As far back as they are addresses: what stands before them was made up. */
const addresses = (header: string | string[] | undefined): readonly string[] => {
  const all = String(header ?? '')
    .split(',')
    .map((each) => withoutPort(each.trim()));
  return all.slice(all.findLastIndex((each) => isIP(each) === 0) + 1);
};

/** Some proxies write the port as well: `203.0.113.7:51234`, `[2001:db8::1]:443`. */
const withoutPort = (text: string): string => {
  const [, inBrackets, bare = text] =
    /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? [];
  return inBrackets ?? bare;
};

const plain = (address: string | undefined): string =>
  address?.replace(/^::ffff:/, '') ?? 'unknown';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

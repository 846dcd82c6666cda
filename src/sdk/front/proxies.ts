import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

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
    if (this.#isEmpty) return false;
    const address = plain(socket.remoteAddress);
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }

  /** The address that a request came from first, as far as that is believed. */
  clientOf(request: IncomingMessage): string {
    const chain = this.trusts(request) ? addresses(request.headers['x-forwarded-for']) : [];
    return chain[0] ?? plain(request.socket.remoteAddress);
  }

  /** For a worker or a command: from where, how and for which host a request came. */
  forwarded(request: IncomingMessage): OutgoingHttpHeaders {
    const { headers, socket } = request;
    const isTrusted = this.trusts(request);
    const said = (name: string): string | undefined =>
      isTrusted ? headers[name]?.toString().split(',')[0]?.trim() : undefined;
    const chain = isTrusted ? addresses(headers['x-forwarded-for']) : [];
    const own = 'encrypted' in socket ? 'https' : 'http';
    const protocol = said('x-forwarded-proto');
    return {
      'x-forwarded-for': [...chain, plain(socket.remoteAddress)].join(', '),
      'x-forwarded-proto': protocol === 'http' || protocol === 'https' ? protocol : own,
      'x-forwarded-host': said('x-forwarded-host') ?? hostOf(request),
    };
  }
}

/** HTTP/2 has it in a field of its own. */
export const hostOf = ({ headers }: Pick<IncomingMessage, 'headers'>): string =>
  headers.host ?? headers[':authority']?.toString() ?? '';

/** As far back as they are addresses: what stands before them was made up. */
const addresses = (header: string | string[] | undefined): readonly string[] => {
  const all = String(header ?? '')
    .split(',')
    .map((each) => each.trim());
  return all.slice(all.findLastIndex((each) => isIP(each) === 0) + 1);
};

const plain = (address: string | undefined): string =>
  address?.replace(/^::ffff:/, '') ?? 'unknown';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

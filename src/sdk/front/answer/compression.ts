import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import { Negotiator } from '@fastify/accept-negotiator';
import type { HttpSettings } from '../../../protocol/http.ts';
import { withVary } from './head-policy.ts';

const zlib = process.getBuiltinModule('node:zlib');
const {
  BROTLI_OPERATION_FLUSH,
  BROTLI_OPERATION_PROCESS,
  BROTLI_PARAM_QUALITY,
  Z_NO_FLUSH,
  Z_SYNC_FLUSH,
} = zlib.constants;

export type Encoding = 'br' | 'gzip';

const negotiator = new Negotiator<Encoding>({ supportedValues: ['br', 'gzip'] });
const quality = { level: 5, params: { [BROTLI_PARAM_QUALITY]: 4 } };
const whole = { br: promisify(zlib.brotliCompress), gzip: promisify(zlib.gzip) };

const compressible =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|xml|wasm|manifest\+json|[\w.+-]+\+(?:json|xml))|image\/svg\+xml|font\/(?:ttf|otf))/i;

/** The one that a client likes best of those that it can read. */
export const encodingOf = (
  accepted: string | readonly string[] | undefined,
): Encoding | undefined =>
  accepted === undefined ? undefined : (negotiator.negotiate(String(accepted)) ?? undefined);

/** Whether an answer is worth it: of a compressible kind, whole, and not small. */
export class Compression {
  readonly #isEnabled: boolean;
  readonly #from: number;

  constructor({ compression }: HttpSettings) {
    this.#isEnabled = compression.enabled;
    this.#from = compression.from;
  }

  /** Undefined when the answer stays as it is. */
  choose(
    { method, headers: { 'accept-encoding': accepted } }: IncomingMessage,
    status: number,
    headers: OutgoingHttpHeaders,
  ): Encoding | undefined {
    if (!this.isFit(status, headers) || method === 'HEAD') return undefined;
    return encodingOf(accepted);
  }

  /** Whether so many bytes are worth it, if they are of a kind that is. */
  isWorth(length: number): boolean {
    return this.#isEnabled && length >= this.#from;
  }

  /** Whether it would be compressed for a client that can read that. */
  isFit(status: number, headers: OutgoingHttpHeaders): boolean {
    const length = headers['content-length'];
    return (
      this.isWorth(Number(length ?? Number.POSITIVE_INFINITY)) &&
      compressible.test(String(headers['content-type'] ?? '')) &&
      hasWholeBody(status) &&
      headers['content-encoding'] === undefined &&
      headers['content-range'] === undefined &&
      !String(headers['cache-control'] ?? '').includes('no-transform')
    );
  }
}

const hasWholeBody = (status: number): boolean =>
  status >= 200 && status !== 204 && status !== 206 && status !== 304;

/** The head of an answer that is compressed: another length, and not byte for byte the same. */
export const compressedHead = (
  headers: OutgoingHttpHeaders,
  encoding: Encoding,
): OutgoingHttpHeaders => {
  const { 'content-length': _length, 'accept-ranges': _ranges, etag, ...kept } = headers;
  const mark = typeof etag === 'string' && !etag.startsWith('W/') ? `W/${etag}` : etag;
  return {
    ...withVary(kept, 'Accept-Encoding'),
    'content-encoding': encoding,
    ...(mark === undefined ? {} : { etag: mark }),
  };
};

export const compressWhole = (text: string, encoding: Encoding): Promise<Buffer> =>
  whole[encoding](text, quality);

/** What has come in goes out at once if the end may be far away. */
export const encoderOf = (encoding: Encoding, isEndless: boolean): Transform =>
  encoding === 'br'
    ? zlib.createBrotliCompress({
        ...quality,
        flush: isEndless ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_PROCESS,
      })
    : zlib.createGzip({ ...quality, flush: isEndless ? Z_SYNC_FLUSH : Z_NO_FLUSH });

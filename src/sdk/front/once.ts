import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallHeaders } from '../../protocol/rpc/call-headers.ts';
import { type Bytes, type Millis, megabytes } from '../../protocol/units.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { bytesOf, packValue } from '../rpc/wire/payload.ts';
import { jsonText } from './answer/json-text.ts';
import type { Identity } from './auth/tokens.ts';
import { httpError } from './body.ts';
import type { SetsHeaders } from './headers.ts';
import type { Match } from './routes.ts';

/** A request that is to run once, whoever sends it again. */
export type Keyed = {
  /** Of this client and this route. */
  readonly place: string;
  /** What was asked with it. */
  readonly print: string;
  readonly forMs: Millis;
  /** By which the service knows it, for as long as it likes. */
  readonly along: CallHeaders;
};

type Asked = {
  readonly work: () => Promise<unknown>;
  readonly response: SetsHeaders & Pick<ServerResponse, 'headersSent'>;
};

type Entry = {
  readonly print: string;
  /** While it runs; who asks again waits for that. */
  running: Promise<unknown> | undefined;
  /** What was answered; absent when that cannot be given again. */
  text: string | undefined;
  until: number;
  bytes: number;
};

const keyPattern = /^[\x21-\x7e]{1,255}$/;
const usualMost = megabytes(16);
/** Of an entry beside its answer. */
const entryBytes = 400;

/** The key of a request to a route that minds it. */
export const keyedOf = (
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  { service, path, params, query, terms }: Match,
  { body, identity }: { readonly body: unknown; readonly identity: Identity | undefined },
): Keyed | undefined => {
  if (terms?.onceMs === undefined) return undefined;
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const key = String(given);
  if (!keyPattern.test(key)) {
    throw httpError(400, 'An Idempotency-Key has 1 to 255 visible ASCII characters');
  }
  // A client that asks again may have a newer token.
  const who = identity?.auth.sub ?? headers.authorization;
  const place = printOf([service, method, path, who, key]);
  const along = { 'idempotency-key': key };
  return { place, print: printOf([body, params, query]), forMs: terms.onceMs, along };
};

const printOf = (value: unknown): string =>
  createHash('sha256')
    .update(bytesOf(packValue(value)))
    .digest('base64');

/**
 * Answers of requests that run once, kept for as long as their routes say and the memory reaches.
 * An error is not kept: the next request with that key runs.
 */
export class Once {
  readonly #entries = new Map<string, Entry>();
  readonly #most: Bytes;
  readonly #clock: () => number;
  #bytes = 0;

  constructor(most = usualMost, clock: () => number = () => performance.now()) {
    this.#most = most;
    this.#clock = clock;
  }

  /** The answer says of itself when it was given before. */
  async ask(keyed: Keyed, { work, response }: Asked): Promise<unknown> {
    const known = this.#find(keyed.place);
    if (known === undefined) return this.#run(keyed, work);
    if (known.print !== keyed.print) {
      throw httpError(422, 'This Idempotency-Key was used for something else');
    }
    const value = await again(known);
    if (!response.headersSent) response.setHeader('idempotent-replayed', 'true');
    return value;
  }

  #find(place: string): Entry | undefined {
    const known = this.#entries.get(place);
    if (known === undefined || known.until > this.#clock()) return known;
    this.#forget(place, known);
    return undefined;
  }

  async #run({ place, print, forMs }: Keyed, work: () => Promise<unknown>): Promise<unknown> {
    const running = work();
    const until = Number.POSITIVE_INFINITY;
    const entry: Entry = { print, running, text: undefined, until, bytes: 0 };
    this.#entries.set(place, entry);
    try {
      const value = await running;
      if (this.#keep(entry, value)) entry.until = this.#clock() + forMs;
      else this.#forget(place, entry);
      return value;
    } catch (error) {
      this.#forget(place, entry);
      throw error;
    } finally {
      entry.running = undefined;
      this.#makeRoom();
    }
  }

  /** False for what is no answer: whoever sends it says what is wrong with it. */
  #keep(entry: Entry, value: unknown): boolean {
    const text = textOf(value);
    if (text === notJson) return false;
    // One answer must not push out all the others.
    entry.text = text === undefined || text.length > this.#most / 4 ? undefined : text;
    entry.bytes = entryBytes + (entry.text?.length ?? 0);
    this.#bytes += entry.bytes;
    return true;
  }

  /** The oldest go first. */
  #makeRoom(): void {
    for (const [place, entry] of this.#entries) {
      if (this.#bytes <= this.#most) return;
      if (entry.running === undefined) this.#forget(place, entry);
    }
  }

  #forget(place: string, { bytes }: Entry): void {
    this.#entries.delete(place);
    this.#bytes -= bytes;
  }
}

const notJson = Symbol('not JSON');

/** Undefined for a stream, which is given once. */
const textOf = (value: unknown): string | undefined | typeof notJson => {
  if (value === undefined) return '';
  if (isStream(value)) return undefined;
  try {
    return jsonText(value);
  } catch {
    // It is refused, and that is said, where it is to be sent.
    return notJson;
  }
};

const again = async ({ running, ...entry }: Entry): Promise<unknown> => {
  if (running !== undefined) {
    const value = await running;
    if (!isStream(value)) return value;
  }
  if (entry.text !== undefined) return entry.text === '' ? undefined : JSON.parse(entry.text);
  throw httpError(409, 'This was done, and its answer is too long to be kept');
};

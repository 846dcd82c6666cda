import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet } from 'jose';
import { minutes, seconds } from '../../../protocol/units.ts';
import { textWithin } from '../../rpc/calling/text-within.ts';
import { httpError } from '../body.ts';
import { usableKeys } from './usable-keys.ts';

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** What was read, how old it is, and what told one version from another. */
type Loaded = { readonly keys: KeySet; readonly at: number; readonly mark: string };

const mostBytes = 256 * 1024;
const fetchMs = 5_000;
/** A file is looked at so often, and an address asked. */
const fileEveryMs = seconds(1);
const addressEveryMs = minutes(10);
/** What could not be had at all is tried again so often. */
const retryEveryMs = seconds(1);
/** A token that names an unknown key makes an address be asked again, but no more often. */
const leastEveryMs = seconds(30);
/** Keys that could not be renewed for so long are no longer believed. */
const oldestMs = minutes(24 * 60);

/** The keys of who signs tokens, from a file or an address; read again as they may change. */
export class KeySource {
  readonly #place: string;
  readonly #isAddress: boolean;
  #loaded: Loaded | undefined;
  #loading: Promise<void> | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(place: string) {
    this.#place = place;
    this.#isAddress = URL.canParse(place);
  }

  /** The keys there are; throws 503 when there are none. */
  async keys(): Promise<KeySet> {
    const everyMs = this.#isAddress ? addressEveryMs : fileEveryMs;
    if (this.#loaded === undefined) await this.#load(retryEveryMs);
    // Who comes meanwhile goes by what is known.
    else void this.#load(everyMs);
    return this.#known();
  }

  /** The same after a token named a key that was not there. */
  async newer(): Promise<KeySet> {
    await this.#load(this.#isAddress ? leastEveryMs : 0);
    return this.#known();
  }

  #known(): KeySet {
    const { keys, at } = this.#loaded ?? { at: 0 };
    if (keys !== undefined && performance.now() - at < oldestMs) return keys;
    throw httpError(503, 'The keys that tokens are checked with cannot be had');
  }

  async #load(everyMs: number): Promise<void> {
    if (this.#loading === undefined) {
      if (performance.now() - this.#triedAt < everyMs) return;
      this.#triedAt = performance.now();
      this.#loading = this.#renew().finally(() => {
        this.#loading = undefined;
      });
    }
    await this.#loading;
  }

  async #renew(): Promise<void> {
    try {
      const mark = this.#isAddress ? '' : await markOf(this.#place);
      const at = performance.now();
      if (mark !== '' && mark === this.#loaded?.mark) this.#loaded = { ...this.#loaded, at };
      else {
        const text = this.#isAddress
          ? await fetched(this.#place)
          : await readFile(this.#place, 'utf8');
        this.#loaded = { keys: await keySetOf(text), at, mark };
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      process.stderr.write(`The keys of ${this.#place} are not taken up: ${problem}\n`);
    }
  }
}

/** With each key as the checks need it, which the set would make of it by its first token. */
const keySetOf = async (text: string): Promise<KeySet> => {
  const usable = usableKeys(JSON.parse(text));
  const keys = createLocalJWKSet({ keys: [...usable] });
  // Of several keys without a name, and of one that cannot be imported, a token will tell.
  await Promise.allSettled(
    usable.map(({ alg, kid }) => keys({ alg, ...(kid === undefined ? {} : { kid }) })),
  );
  return keys;
};

const markOf = async (file: string): Promise<string> => {
  const { ino, mtimeMs, size } = await stat(file);
  return `${ino} ${mtimeMs} ${size}`;
};

const fetched = async (address: string): Promise<string> => {
  const signal = AbortSignal.timeout(fetchMs);
  // Where the keys are the config says, and nobody else.
  const response = await fetch(address, { signal, redirect: 'error' });
  if (!response.ok) throw new Error(`it said ${response.status}`);
  return textWithin(response, mostBytes);
};

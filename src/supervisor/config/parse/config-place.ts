import { configInvalid, configUnknownKey } from '../../../protocol/config-errors.ts';
import type { ForgeError } from '../../../protocol/forge-error.ts';
import {
  type Bytes,
  formatDuration,
  type Millis,
  parseDuration,
  parseSize,
} from '../../../protocol/units.ts';
import { nearest } from './nearest.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One value of the config together with where it stands, so that every complaint can name it. */
export class Place {
  readonly #file: string;
  readonly key: string;
  readonly value: unknown;

  constructor(file: string, key: string, value: unknown) {
    this.#file = file;
    this.key = key;
    this.value = value;
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  at(key: string): Place {
    const value = isObject(this.value) ? this.value[key] : undefined;
    return new Place(this.#file, this.key === '' ? key : `${this.key}.${key}`, value);
  }

  invalid(problem: string, fix: string): ForgeError {
    return configInvalid({ file: this.#file, key: this.key || 'the config', problem, fix });
  }

  object(fix: string): Fields {
    if (isObject(this.value)) return this.value;
    throw this.invalid(`is ${spelled(this.value)}, not an object`, fix);
  }

  /** Checks that an object has no other keys than these; absence is fine. */
  keys(known: readonly string[]): void {
    if (this.isAbsent) return;
    const fields = this.object(`Write { ${known.join(', ')} }; all of them are optional.`);
    const unknown = Object.keys(fields).find((key) => !known.includes(key));
    if (unknown === undefined) return;
    const near = nearest(unknown, known);
    throw configUnknownKey({
      file: this.#file,
      key: this.at(unknown).key,
      known,
      ...(near === undefined ? {} : { nearest: near }),
    });
  }

  text(fix: string): string | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value === 'string' && this.value.trim() !== '') return this.value;
    throw this.invalid(`is ${spelled(this.value)}, not a text`, fix);
  }

  /** The values of a list, each with its own place. */
  items(fix: string): readonly Place[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.invalid(`is ${spelled(value)}, not a list`, fix);
    return value.map((item, index) => new Place(this.#file, `${this.key}.${index}`, item));
  }

  texts(fix: string): readonly string[] {
    if (this.isAbsent) return [];
    const { value } = this;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.invalid(`is ${spelled(value)}, not a list of names`, fix);
  }

  number(least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    if (this.isAbsent) return undefined;
    const { value } = this;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
    throw this.invalid(`is ${spelled(value)}`, `Write a number, ${range}.`);
  }

  whole(least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.number(least, most);
    if (value === undefined || Number.isInteger(value)) return value;
    throw this.invalid(`is ${value}`, 'Write a whole number.');
  }

  flag(): boolean | undefined {
    if (this.isAbsent || typeof this.value === 'boolean') return this.value as boolean | undefined;
    throw this.invalid(`is ${spelled(this.value)}`, 'Write true or false.');
  }

  duration(least: Millis, most: Millis): Millis | undefined {
    const fix = "Write a time such as '20 s', '2 min' or 500 (ms).";
    const time = this.#unit(parseDuration, fix);
    if (time === undefined || (time >= least && time <= most)) return time;
    throw this.invalid(
      `is ${spelled(this.value)}`,
      `Write a time from ${formatDuration(least)} to ${formatDuration(most)}.`,
    );
  }

  size(): Bytes | undefined {
    return this.#unit(parseSize, "Write a size such as '512MB' or '1 GB'.");
  }

  #unit<T>(parse: (value: string | number) => T | undefined, fix: string): T | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    const parsed =
      typeof value === 'string' || typeof value === 'number' ? parse(value) : undefined;
    if (parsed === undefined) throw this.invalid(`is ${spelled(value)}`, fix);
    return parsed;
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const spelled = (value: unknown): string =>
  value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value);

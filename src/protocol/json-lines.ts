import { badMessage } from './errors.ts';

/** The control socket and the worker channel speak one JSON object a line. */
export const encodeLine = (message: object): string => `${JSON.stringify(message)}\n`;

export const maxLineBytes = 8 * 1024 * 1024;

/** Cuts a stream into JSON objects; throws `BAD_MESSAGE` on garbage or on a line without end. */
export class LineDecoder {
  readonly #where: string;
  #rest = '';

  constructor(where: string) {
    this.#where = where;
  }

  push(chunk: string): readonly object[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > maxLineBytes) throw badMessage(this.#where, 'a line has no end');
    return lines.filter((line) => line.trim() !== '').map((line) => this.#parse(line));
  }

  #parse(line: string): object {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw badMessage(this.#where, `not JSON (${cause instanceof Error ? cause.message : ''})`);
    }
    if (typeof value !== 'object' || value === null) {
      throw badMessage(this.#where, 'not a JSON object');
    }
    return value;
  }
}

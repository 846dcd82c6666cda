import { badMessage } from './errors.ts';

/** The control socket and the worker channel speak one JSON object a line. */
export const encodeLine = (message: object): string => `${JSON.stringify(message)}\n`;

export const maxLineBytes = 8 * 1024 * 1024;

/** Cuts a stream into JSON objects; throws `BAD_MESSAGE` on garbage or on a line without end. */
export class LineDecoder {
  readonly #where: string;
  readonly #limit: number;
  #parts: string[] = [];
  #bytes = 0;

  constructor(where: string, limit = maxLineBytes) {
    this.#where = where;
    this.#limit = limit;
  }

  /** Whether a line has begun that is not at its end. */
  get isMidLine(): boolean {
    return this.#parts.length > 0;
  }

  /** One object after the other, so that what stands before garbage is heard, however it was cut. */
  *push(chunk: string): Generator<object, void> {
    const pieces = chunk.split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = this.#finish(piece);
      if (line.trim() !== '') yield this.#parse(line);
    }
    this.#add(rest);
  }

  #add(piece: string): void {
    this.#bytes += Buffer.byteLength(piece);
    if (this.#bytes > this.#limit) {
      throw badMessage(this.#where, `a line of more than ${this.#limit} bytes`);
    }
    if (piece !== '') this.#parts.push(piece);
  }

  #finish(piece: string): string {
    this.#add(piece);
    const line = this.#parts.join('');
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }

  #parse(line: string): object {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw badMessage(this.#where, `not JSON (${cause instanceof Error ? cause.message : ''})`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badMessage(this.#where, 'not a JSON object');
    }
    return value;
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runFiles } from '../../protocol/worker/succession.ts';

/** Service → connections that a worker has at its port. */
export type Count = Readonly<Record<string, number>>;

/**
 * What the workers behind one port tell each other: a line in a file beside their sockets, which needs
 * no supervisor. Who has no file, or half of one, is not counted this time.
 */
export class Census {
  readonly #file: string;
  #told = '';

  constructor(rpcPath: string) {
    this.#file = runFiles.count(rpcPath);
  }

  tell(count: Count): void {
    const text = JSON.stringify(count);
    if (text === this.#told) return;
    try {
      writeFileSync(this.#file, text, { mode: 0o600 });
      this.#told = text;
    } catch {
      // A full disk must not take a port down: the others go by what they know.
    }
  }

  static of(rpcPath: string): Count | undefined {
    try {
      // Written by a worker of this app into a directory that only its user can enter.
      return JSON.parse(readFileSync(runFiles.count(rpcPath), 'utf8')) as Count;
    } catch {
      // It has none yet, has gone, or is just writing.
      return undefined;
    }
  }

  close(): void {
    rmSync(this.#file, { force: true });
  }
}

const fewest = 8;
const tolerated = 1.2;
const mostAtOnce = 0.25;

/**
 * Which part of its connections a worker asks to come again, so that all have about as many. The
 * kernel gives a connection to whoever is awake: of many that come at once one worker may get all.
 */
export const partToShed = (own: number, others: readonly number[]): number => {
  const mean = (own + others.reduce((sum, each) => sum + each, 0)) / (others.length + 1);
  if (others.length === 0 || own < fewest || own <= mean * tolerated) return 0;
  return Math.min(mostAtOnce, (own - mean) / own);
};

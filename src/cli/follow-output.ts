import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** `main.1.log` is the output of main#1; a service alone in its workers lends them its name. */
const ofWorker = /^(?:_isolated:)?(.+)\.(\d+)\.log$/;

const lookEveryMs = 200;

/** Prints what workers write from now on, their name before each line. */
export const followOutput = (folder: string, print: (text: string) => void): Disposable => {
  const directory = join(folder, '.forge', 'logs');
  const tails = new Map<string, Tail>();
  for (const name of workerLogs(directory)) tails.set(name, Tail.fromEnd(join(directory, name)));
  const look = (): void => {
    for (const name of workerLogs(directory)) {
      const tail = tails.get(name) ?? new Tail(join(directory, name));
      tails.set(name, tail);
      for (const line of tail.read()) print(`${name.replace(ofWorker, '$1#$2')} | ${line}\n`);
    }
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      look();
    },
  };
};

const workerLogs = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((name) => ofWorker.test(name));
  } catch {
    // Nothing has been started here yet.
    return [];
  }
};

const chunkBytes = 64 * 1024;

/** What is added to a file, in whole lines. */
class Tail {
  readonly #file: string;
  #at = 0;
  #rest = Buffer.alloc(0);

  static fromEnd(file: string): Tail {
    const tail = new Tail(file);
    tail.#open((_descriptor, size) => {
      tail.#at = size;
    });
    return tail;
  }

  constructor(file: string) {
    this.#file = file;
  }

  read(): readonly string[] {
    const chunks = [this.#rest];
    this.#open((descriptor, size) => {
      // A file that was emptied begins anew.
      if (size < this.#at) this.#at = 0;
      while (this.#at < size) {
        const chunk = Buffer.alloc(chunkBytes);
        const length = readSync(descriptor, chunk, 0, chunkBytes, this.#at);
        if (length === 0) return;
        chunks.push(chunk.subarray(0, length));
        this.#at += length;
      }
    });
    const added = Buffer.concat(chunks);
    const end = added.lastIndexOf('\n') + 1;
    this.#rest = added.subarray(end);
    const lines = added.toString('utf8', 0, end).split('\n');
    return lines.filter((line) => line !== '');
  }

  #open(use: (descriptor: number, size: number) => void): void {
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, 'r');
    } catch {
      // Deleted while we looked.
      return;
    }
    try {
      use(descriptor, fstatSync(descriptor).size);
    } finally {
      closeSync(descriptor);
    }
  }
}

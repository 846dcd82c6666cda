import { plain } from './plain.ts';

/** Where a command writes; results to stdout, everything else to stderr. */
export type Io = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The code the process ends with; 0 until a command says otherwise. */
  readonly exitWith: (code: number) => void;
  /** Whoever read stdout has hung up, as `head` does: nothing more need be printed. */
  readonly isGone: () => boolean;
  readonly interactive: boolean;
  readonly columns: number;
};

/** A pipe whose reader has ended, a terminal that was closed. */
const hungUp: readonly (string | undefined)[] = ['EPIPE', 'EIO'];

export const processIo = (): Io => {
  let isGone = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isResult = stream === process.stdout;
      if (!hungUp.includes(error.code) && isResult) unwritten(error);
      isGone ||= isResult;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    // It is for people, and what it says of a service may be in that one's words.
    err: (text) => void process.stderr.write(plain(text)),
    exitWith: (code) => {
      process.exitCode = code;
    },
    isGone: () => isGone,
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 120,
  };
};

/** A full disk, most of the time. An app that runs here goes on: nobody needs its word. */
const unwritten = (error: Error): void => {
  process.stderr.write(`forge: The output cannot be written: ${error.message}\n`);
  process.exitCode = 1;
};

/** `--json`: one document and nothing else. */
export const printJson = (io: Io, document: unknown): void =>
  io.out(`${JSON.stringify(document, undefined, 2)}\n`);

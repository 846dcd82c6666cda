import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';

export type Said = { readonly out: string; readonly err: string; readonly code: number };

/** In the place of a terminal: keeps what a command says. */
export const heardIo = (): { readonly io: Io; readonly said: () => Said } => {
  const said = { out: '', err: '', code: 0 };
  return {
    said: () => ({ ...said }),
    io: {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      exitWith: (code) => {
        said.code = code;
      },
      isGone: () => false,
      interactive: false,
      columns: 120,
    },
  };
};

/** A command of the CLI in this process. */
export const runHere = async (...words: readonly string[]): Promise<Said> => {
  const { io, said } = heardIo();
  await runProgram(['node', 'forge', ...words], io);
  return said();
};

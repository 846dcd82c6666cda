import { writeSync } from 'node:fs';
import { escapes } from './escapes.ts';
import { type Input, KeyDecoder } from './key-decoder.ts';

export type TerminalOptions = {
  readonly mouse: boolean;
  readonly onInput: (input: Input) => void;
  /** The size has changed, or another program had the screen: nothing is where it was. */
  readonly onLost: () => void;
};

/** An escape sequence is in one read, or in two that follow each other at once. */
const escapeMs = 25;

/** The terminal while the console has it. It is given back as it was found, also after a crash. */
export class LiveTerminal implements Disposable {
  readonly #options: TerminalOptions;
  readonly #decoder = new KeyDecoder();
  #waiting: NodeJS.Timeout | undefined;
  #isOurs = false;
  #isOver = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    process.once('exit', this.#leave);
    process.on('SIGCONT', this.#resumed);
    process.stdout.on('resize', options.onLost);
    process.stdin.setEncoding('utf8').on('data', this.#read);
    this.#take();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = process.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  write(text: string): void {
    if (this.#isOurs) process.stdout.write(text);
  }

  /** As ctrl-z anywhere: the shell has the terminal until it says `fg`. */
  suspend(): void {
    this.#leave();
    process.kill(0, 'SIGTSTP');
  }

  /** Another program has the terminal until this is done. */
  async lend<T>(use: () => Promise<T>): Promise<T> {
    this.#leave();
    try {
      return await use();
    } finally {
      if (!this.#isOver) this.#resumed();
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#leave();
    clearTimeout(this.#waiting);
    process.off('exit', this.#leave);
    process.off('SIGCONT', this.#resumed);
    process.stdout.off('resize', this.#options.onLost);
    process.stdin.off('data', this.#read).unref();
  }

  #take(): void {
    const { keepTitle, enterScreen, hideCursor, pasteOn, mouseOn, clear } = escapes;
    const mouse = this.#options.mouse ? mouseOn : '';
    const title = this.#isOurs ? '' : keepTitle;
    this.#isOurs = true;
    process.stdin.setRawMode(true).resume();
    this.write(title + enterScreen + hideCursor + pasteOn + mouse + clear);
  }

  /** Written at once: there may be no later turn of the loop. */
  readonly #leave = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    const { giveBackTitle, leaveScreen, showCursor, pasteOff, mouseOff } = escapes;
    try {
      process.stdin.setRawMode(false).pause();
      writeSync(1, mouseOff + pasteOff + showCursor + leaveScreen + giveBackTitle);
    } catch {
      // The terminal itself is gone.
    }
  };

  readonly #resumed = (): void => {
    // Who stopped it from outside has had the terminal as well.
    this.#take();
    this.#options.onLost();
  };

  readonly #read = (chunk: string): void => {
    clearTimeout(this.#waiting);
    this.#pass(this.#decoder.push(chunk));
    if (!this.#decoder.isWaiting) return;
    this.#waiting = setTimeout(() => this.#pass(this.#decoder.flush()), escapeMs);
  };

  #pass(inputs: readonly Input[]): void {
    for (const input of inputs) this.#options.onInput(input);
  }
}

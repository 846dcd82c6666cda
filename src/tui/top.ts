import { setFlagsFromString } from 'node:v8';
import { screenRows } from './screens/screen.ts';
import type { Session } from './session.ts';
import { Canvas } from './terminal/canvas.ts';
import type { Input } from './terminal/key-decoder.ts';
import { LiveTerminal } from './terminal/terminal.ts';
import type { Theme } from './theme.ts';

type Look = { readonly theme: Theme; readonly mouse: boolean };

/** What holds the screen: Ink, of which no more than this is needed here. */
type Host = { readonly unmount: () => void; readonly waitUntilExit: () => Promise<unknown> };

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The console on a terminal: what is typed goes to the session, and what it holds is painted. */
export class Top {
  readonly #session: Session;
  readonly #theme: Theme;
  readonly #terminal: LiveTerminal;
  readonly #canvas: Canvas;
  readonly #isPlain = process.env['FORGE_TUI_RENDERER'] === 'ink';
  readonly #crashed = Promise.withResolvers<never>();
  #host: Host | undefined;
  #isOver = false;
  #code = 0;

  constructor(session: Session, { theme, mouse }: Look) {
    this.#session = session;
    this.#theme = theme;
    this.#terminal = new LiveTerminal({
      mouse,
      onInput: (input) => this.#take(input),
      onLost: () => this.#canvas.clear(),
    });
    this.#canvas = new Canvas({
      rows: () => screenRows(session.state(), this.#terminal.size, theme),
      write: (text) => this.#terminal.write(text),
    });
  }

  async run(): Promise<number> {
    // A console is open for days and makes little garbage at a time: saves 20 MB.
    setFlagsFromString('--semi-space-growth-factor=1');
    // Not `once`: Ink's own handler ends the process when it is the last one that is left.
    for (const signal of signals) process.on(signal, this.#interrupt);
    process.once('uncaughtException', this.#crashed.reject);
    this.#session.subscribe(this.#draw);
    try {
      this.#draw();
      // The first picture and the first keys do not wait until Ink is loaded.
      setImmediate(() => void this.#load().catch(this.#crashed.reject));
      await Promise.race([this.#session.ended, this.#canvas.failed, this.#crashed.promise]);
      return this.#code;
    } finally {
      this.#end();
    }
  }

  async #load(): Promise<void> {
    process.env['NODE_ENV'] = 'production';
    const { showLive, showPlain } = await import('./ink/frame.tsx');
    if (this.#isOver) return;
    this.#host = this.#isPlain
      ? showPlain({ session: this.#session, theme: this.#theme })
      : showLive(this.#canvas);
    await this.#host.waitUntilExit();
  }

  #end(): void {
    this.#isOver = true;
    this.#canvas.close();
    this.#session.quit();
    this.#host?.unmount();
    this.#terminal[Symbol.dispose]();
    for (const signal of signals) process.off(signal, this.#interrupt);
    process.off('uncaughtException', this.#crashed.reject);
  }

  readonly #draw = (): void => {
    if (!this.#isPlain && !this.#isOver) this.#canvas.touch();
  };

  readonly #interrupt = (): void => {
    this.#code = 130;
    this.#session.quit();
  };

  #take(input: Input): void {
    if (input.type === 'key' && input.name === 'ctrl-c') this.#interrupt();
    else if (input.type === 'key') this.#session.key(input.name);
    else if (input.type === 'paste') this.#session.paste(input.text);
  }
}

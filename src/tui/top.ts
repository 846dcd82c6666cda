import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { Snapshot } from '../protocol/control/messages.ts';
import { glyphsOf } from './glyphs.ts';
import type { TerminalEffect } from './keys/key.ts';
import type { Preferences } from './preferences.ts';
import { settled } from './screens/reading.ts';
import { screenRows } from './screens/screen.ts';
import { isSmallSize } from './screens/size.ts';
import type { Session } from './session.ts';
import { alertsOf, type Rung, titleOf } from './state/alerts.ts';
import { clicked, wheeled } from './state/pointing.ts';
import { said } from './state/state.ts';
import { Canvas } from './terminal/canvas.ts';
import type { Input } from './terminal/key-decoder.ts';
import { copySequence, notification, titleSequence } from './terminal/messages.ts';
import { pictureOf } from './terminal/screen-picture.ts';
import { LiveTerminal } from './terminal/terminal.ts';
import type { Theme } from './theme.ts';
import { type ThemeName, themeFrom, themeNames } from './themes.ts';

/** Has the terminal until it is left or to be ended; answers what is to be said then, or nothing. */
export type Guest = (socketPath: string, end: AbortSignal) => Promise<string>;

export type Look = {
  readonly ascii: boolean;
  readonly mouse: boolean;
  readonly quiet: boolean;
  readonly preferences: Preferences;
  /** The wallboard. */
  readonly board?: Guest;
  /** An editor with the config of the app; absent when that is elsewhere. */
  readonly edit?: Guest;
};

/** What holds the screen: Ink, of which no more than this is needed here. */
type Host = { readonly unmount: () => void; readonly waitUntilExit: () => Promise<unknown> };

/** The first picture and the first keys do not wait until Ink is loaded. */
const loadAfterMs = 1_000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The console on a terminal: what is typed goes to the session, and what it holds is painted. */
export class Top {
  readonly #session: Session;
  readonly #look: Look;
  readonly #terminal: LiveTerminal;
  readonly #canvas: Canvas;
  readonly #isPlain = process.env['FORGE_TUI_RENDERER'] === 'ink';
  readonly #crashed = Promise.withResolvers<never>();
  readonly #ending = new AbortController();
  #preferences: Preferences;
  #theme: Theme;
  #themeName: ThemeName;
  #host: Host | undefined;
  #loading: NodeJS.Timeout | undefined;
  #rung: Rung | undefined;
  #announced: Snapshot | undefined;
  #title = '';
  #isOver = false;
  #code = 0;

  constructor(session: Session, look: Look) {
    this.#session = session;
    this.#look = look;
    this.#preferences = look.preferences;
    this.#themeName = look.preferences.theme ?? 'terminal';
    this.#theme = this.#themeFor(this.#themeName);
    this.#terminal = new LiveTerminal({
      mouse: look.mouse,
      onInput: (input) => this.#take(input),
      onLost: () => this.#lost(),
    });
    this.#canvas = new Canvas({
      rows: () => screenRows(session.state(), this.#terminal.size, this.#theme),
      write: (text) => this.#terminal.write(text),
    });
    session.onTerminal = (effect) => this.#perform(effect);
  }

  async run(): Promise<number> {
    // A console is open for days and makes little garbage at a time: saves 20 MB.
    setFlagsFromString('--semi-space-growth-factor=1');
    // Not `once`: Ink's own handler ends the process when it is the last one that is left.
    for (const signal of signals) process.on(signal, this.#interrupt);
    process.once('uncaughtException', this.#crashed.reject);
    this.#session.subscribe(this.#draw);
    try {
      this.#measure();
      this.#draw();
      this.#loading = setTimeout(
        () => void this.#load().catch(this.#crashed.reject),
        this.#isPlain ? 0 : loadAfterMs,
      );
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
    this.#ending.abort();
    clearTimeout(this.#loading);
    this.#canvas.close();
    this.#session.quit();
    this.#host?.unmount();
    this.#terminal[Symbol.dispose]();
    for (const signal of signals) process.off(signal, this.#interrupt);
    process.off('uncaughtException', this.#crashed.reject);
  }

  /** The operator's file was written: what it says counts from now on. */
  adopt(preferences: Preferences): void {
    this.#preferences = preferences;
    this.#themeName = preferences.theme ?? this.#themeName;
    this.#theme = this.#themeFor(this.#themeName);
    this.#session.change((state) =>
      said({ ...state, keyNames: preferences.keys ?? {} }, 'your keys and colours were read again'),
    );
  }

  readonly #draw = (): void => {
    if (this.#isOver) return;
    this.#announce();
    if (!this.#isPlain) this.#canvas.touch();
  };

  readonly #interrupt = (): void => {
    this.#code = 130;
    this.#session.quit();
  };

  #lost(): void {
    this.#measure();
    this.#canvas.clear();
  }

  /** What fits decides which keys there are. */
  #measure(): void {
    const { size } = this.#terminal;
    const isSmall = isSmallSize(size);
    this.#session.change((state) =>
      settled(state.isSmall === isSmall ? state : { ...state, isSmall }, size),
    );
  }

  #take(input: Input): void {
    if (input.type === 'paste') this.#session.paste(input.text);
    else if (input.type === 'mouse') this.#point(input);
    else if (input.name === 'ctrl-c') this.#interrupt();
    else this.#press(input.name);
  }

  #press(name: string): void {
    this.#session.key(name);
    this.#session.change((state) => settled(state, this.#terminal.size));
  }

  #point({ button, y }: Extract<Input, { readonly type: 'mouse' }>): void {
    const row = screenRows(this.#session.state(), this.#terminal.size, this.#theme)[y] ?? '';
    this.#session.change((state) =>
      button === 'left'
        ? clicked(state, stripVTControlCharacters(row))
        : wheeled(state, button === 'up' ? -1 : 1),
    );
  }

  #perform(effect: TerminalEffect): void {
    switch (effect.type) {
      case 'copy': {
        const sequence = copySequence(process.env, effect.text);
        if (sequence !== undefined) this.#terminal.write(sequence);
        else this.#session.change((state) => said(state, 'that is too long to be copied'));
        return;
      }
      case 'suspend':
        this.#terminal.suspend();
        return;
      case 'board':
        void this.#lend(this.#look.board, 'there is no wallboard of what was recorded');
        return;
      case 'edit':
        void this.#lend(
          this.#look.edit,
          'e: the config is not known here; --app or --config says where it is',
        );
        return;
      case 'keep':
        this.#keep();
        return;
      case 'redraw':
        this.#canvas.clear();
        return;
      case 'theme': {
        const next = themeNames[(themeNames.indexOf(this.#themeName) + 1) % themeNames.length];
        this.#themeName = next ?? 'terminal';
        this.#theme = this.#themeFor(this.#themeName);
        const words = this.#theme.color
          ? this.#themeName
          : 'without colour every theme is the same';
        this.#session.change((state) => said(state, `theme: ${words}`));
      }
    }
  }

  /** Another program has the terminal until it is left. */
  async #lend(guest: Guest | undefined, otherwise: string): Promise<void> {
    if (this.#canvas.isHeld) return;
    if (guest === undefined) {
      this.#session.change((state) => said(state, otherwise));
      return;
    }
    this.#canvas.isHeld = true;
    const words = await this.#terminal.lend(async () => {
      const said = await guest(this.#session.socketPath, this.#ending.signal);
      this.#canvas.isHeld = false;
      return said;
    });
    if (words !== '') this.#session.change((state) => said(state, words));
  }

  /** What is on the screen, for somebody who cannot see it: to be searched, and to be looked at. */
  #keep(): void {
    const state = this.#session.state();
    const rows = screenRows(state, this.#terminal.size, this.#theme);
    const { app = '', at = '' } = state.snapshot?.status ?? {};
    const name = resolve(`forge-${app}-${at.slice(0, 19).replaceAll(/[-:]/g, '')}Z`);
    const text = rows.map((row) => stripVTControlCharacters(row).trimEnd()).join('\n');
    const words = writeFiles(name, { txt: `${text}\n`, svg: pictureOf(rows) });
    this.#session.change((now) => said(now, words));
  }

  #themeFor(name: ThemeName): Theme {
    const { ascii } = this.#look;
    const { colours } = this.#preferences;
    return themeFrom(process.env, { ascii, name, ...(colours === undefined ? {} : { colours }) });
  }

  /** The title says how bad it is, and a bell that a service has become critical. */
  #announce(): void {
    const state = this.#session.state();
    // The bell is about now, whatever the screen shows.
    const snapshot = state.replay === undefined ? state.snapshot : state.replay.live;
    if (snapshot === undefined || snapshot === this.#announced) return;
    this.#announced = snapshot;
    const title = titleOf(snapshot, glyphsOf(this.#theme));
    if (title !== this.#title) this.#terminal.write(titleSequence(title));
    this.#title = title;
    const { ring, rung } = alertsOf(this.#rung, snapshot);
    this.#rung = rung;
    if (this.#look.quiet || ring.length === 0) return;
    this.#terminal.write(
      notification(process.env, `${ring.join(', ')} critical in ${snapshot.status.app}`),
    );
  }
}

/** Answers what is to be said of it. */
const writeFiles = (name: string, texts: Readonly<Record<string, string>>): string => {
  try {
    for (const [ending, text] of Object.entries(texts)) writeFileSync(`${name}.${ending}`, text);
    return `wrote ${name}.${Object.keys(texts).join(' and .')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

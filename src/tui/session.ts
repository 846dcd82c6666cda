import { setTimeout as after } from 'node:timers/promises';
import { spoken } from '../protocol/topology.ts';
import { type Millis, ms } from '../protocol/units.ts';
import type { Effect, TerminalEffect } from './keys/key.ts';
import { pasted, press } from './keys.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';
import { LogFeed, wantedLogs } from './log-feed.ts';
import { readPast } from './past.ts';
import { noLogs, withLines } from './state/logs.ts';
import { played, toLive, withTape } from './state/replay.ts';
import { initialState, type Start, type State, said, withSnapshot } from './state/state.ts';
import type { Tape } from './state/tape.ts';
import type { Planned, Target } from './state/view.ts';

const firstRetryMs = ms(250);
const slowestRetryMs = ms(4_000);
/** So many snapshots may be missing before the screen says that it is not fresh. */
const lateAfter = 3;

export type SessionOptions = LinkOptions & {
  /** Writes what is recorded of ten minutes, and answers the name of the file. */
  readonly save?: (socketPath: string, to: number) => Promise<string>;
};

type Asked = Exclude<Effect, TerminalEffect | { readonly type: 'quit' }>;

/** The console without its screen: holds the state, takes keys, talks to the supervisor. */
export class Session {
  readonly #listeners = new Set<() => void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #logs = new LogFeed();
  #options: SessionOptions;
  #state: State;
  #link: Link | undefined;
  #late: NodeJS.Timeout | undefined;
  #playing: NodeJS.Timeout | undefined;
  /** What was read last; it is there also when the supervisor is not. */
  #tape: Tape | undefined;
  #inspected: string | undefined;
  #over = false;
  /** What asks something of the terminal goes to whoever holds it. */
  onTerminal: (effect: TerminalEffect) => void = () => undefined;

  constructor(options: SessionOptions, start: Start = {}) {
    this.#options = options;
    this.#state = initialState(options.readOnly, start);
  }

  /** Resolves when the operator quits. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): State => this.#state;

  /** Of the app that is watched now. */
  get socketPath(): string {
    return this.#options.socketPath;
  }

  /** Throws when no supervisor answers; later it tries again by itself. */
  async open(): Promise<void> {
    const link = await openLink(this.#options, (snapshot) => {
      this.#set(withSnapshot(this.#state, snapshot));
      this.#expectAnother();
      void this.#lookOn();
    });
    this.#link = link;
    void link.closed.then(() => {
      if (this.#link === link) void this.#lost(firstRetryMs);
    });
  }

  key(name: string): void {
    const { state, effect } = press(this.#state, name);
    const before = this.#state;
    this.#set(state);
    if (effect !== undefined) void this.#perform(effect);
    const isElsewhere = state.view !== before.view || state.replay?.at !== before.replay?.at;
    if (isElsewhere) void this.#lookOn();
  }

  paste(text: string): void {
    this.#set(pasted(this.#state, text));
  }

  /** A change that comes from the terminal: its size, a click. */
  change(change: (state: State) => State): void {
    this.#set(change(this.#state));
  }

  quit(): void {
    this.#over = true;
    clearTimeout(this.#late);
    clearTimeout(this.#playing);
    this.#link?.close();
    this.#ended.resolve();
  }

  #set(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
    this.#play();
  }

  /** Goes on with a replay at its speed, until it stands still. */
  #play(): void {
    const { replay } = this.#state;
    if (replay?.isPlaying !== true || this.#over) {
      clearTimeout(this.#playing);
      this.#playing = undefined;
      return;
    }
    this.#playing ??= setTimeout(() => {
      this.#playing = undefined;
      this.#set(played(this.#state));
      void this.#lookOn();
    }, 1_000 / replay.speed);
  }

  #expectAnother(): void {
    clearTimeout(this.#late);
    if (this.#over) return;
    this.#late = setTimeout(() => {
      this.#set({ ...this.#state, connection: 'late' });
    }, this.#options.everyMs * lateAfter);
  }

  /** What is open beyond the snapshot: a service that is looked into, logs that are read. */
  async #lookOn(): Promise<void> {
    const link = this.#link;
    if (link === undefined || this.#over || this.#state.connection === 'lost') return;
    await Promise.all([this.#inspect(link), this.#readLogs(link)]).catch((error: unknown) => {
      if (!this.#over && this.#link === link) this.#say(messageOf(error));
    });
  }

  async #inspect(link: Link): Promise<void> {
    const { view, replay } = this.#state;
    if (view.type !== 'service' || replay !== undefined) return;
    // One at a time: a supervisor that is slow is not asked the more for it.
    if (this.#inspected === view.name) return;
    this.#inspected = view.name;
    try {
      const inspection = await link.inspect(view.name);
      this.#set({ ...this.#state, inspection });
    } finally {
      this.#inspected = undefined;
    }
  }

  async #readLogs(link: Link): Promise<void> {
    const wanted = wantedLogs(this.#state);
    if (wanted === undefined) return;
    const read = await this.#logs.read(link, wanted);
    if (read === undefined) return;
    const { logs } = this.#state;
    const kept = read.isNew ? { ...logs, lines: noLogs.lines, behind: 0 } : logs;
    if (!read.isNew && read.lines.length === 0) return;
    this.#set({ ...this.#state, logs: withLines(kept, read.lines) });
  }

  async #lost(delayMs: Millis): Promise<void> {
    clearTimeout(this.#late);
    if (this.#over) return;
    this.#set({ ...this.#state, connection: 'lost' });
    await after(delayMs);
    if (this.#over) return;
    try {
      await this.open();
    } catch {
      // Still away: the screen says so, and the next try is later.
      void this.#lost(ms(Math.min(delayMs * 2, slowestRetryMs)));
    }
  }

  async #perform(effect: Effect): Promise<void> {
    switch (effect.type) {
      case 'quit':
        this.quit();
        return;
      case 'copy':
      case 'suspend':
      case 'board':
      case 'redraw':
      case 'theme':
        this.onTerminal(effect);
        return;
      case 'plan':
      case 'apply':
      case 'dismiss':
      case 'undo':
      case 'attach':
      case 'rewind':
      case 'export':
        await this.#ask(effect).catch((error: unknown) => this.#say(messageOf(error)));
    }
  }

  async #ask(effect: Asked): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    switch (effect.type) {
      case 'plan':
        return this.#plan(link, effect.targets);
      case 'apply':
        return this.#apply(link, effect.items);
      case 'dismiss':
        await link.dismiss(effect.given);
        this.#say(`${effect.given.isSnoozed ? 'snoozed' : 'dismissed'}: ${effect.given.why}`);
        return;
      case 'undo': {
        const { kind, service, to } = await link.undo(effect.action);
        this.#say(`undone: ${kind} ${service} to ${to.workers}`);
        return;
      }
      case 'attach':
        return this.#attach(effect.socketPath);
      case 'rewind':
        return this.#rewind(link);
      case 'export': {
        const file = await this.#options.save?.(this.#options.socketPath, effect.to);
        if (file !== undefined) this.#say(`wrote ${file}`);
        return;
      }
    }
  }

  async #plan(link: Link, targets: readonly Target[]): Promise<void> {
    const items: Planned[] = [];
    for (const target of targets) {
      const plan = await link.plan(target);
      items.push('request' in target ? { plan } : { plan, recommendation: target.recommendation });
    }
    // Meanwhile the screen may have gone to the past, where nothing can be done.
    if (this.#state.replay !== undefined) return;
    this.#set({ ...this.#state, dialog: { type: 'plan', items, apply: false } });
  }

  /** One after the other; the first that fails ends it, and is told. */
  async #apply(link: Link, items: readonly Planned[]): Promise<void> {
    for (const [index, item] of items.entries()) {
      const { kind, service, to } = await link.apply(item);
      const count = items.length === 1 ? '' : `${index + 1} of ${items.length} `;
      const measured = item.recommendation === undefined ? '' : '; its effect is being measured';
      this.#say(`${count}done: ${kind} ${service} to ${to.workers}${measured}`);
    }
  }

  /** The past, or what was read of it before when no supervisor answers now. */
  async #rewind(link: Link): Promise<void> {
    try {
      this.#tape = await readPast(link, this.#state);
    } catch (error) {
      if (this.#tape === undefined) {
        this.#set(toLive(this.#state));
        throw error;
      }
      this.#say('this was read before the supervisor was lost');
    }
    this.#set(withTape(this.#state, this.#tape));
  }

  /** To another supervisor; the one before stays when that one does not answer. */
  async #attach(socketPath: string): Promise<void> {
    const [before, link] = [this.#options, this.#link];
    this.#options = { ...before, socketPath };
    try {
      await this.open();
      link?.close();
    } catch (error) {
      this.#options = before;
      throw error;
    }
    this.#tape = undefined;
    this.#set({
      ...toLive(this.#state),
      view: { type: 'main' },
      logs: noLogs,
      marks: [],
      pins: [],
    });
  }

  #say(notice: string): void {
    this.#set(said(this.#state, notice));
  }
}

const messageOf = (error: unknown): string =>
  spoken(error instanceof Error ? error.message : String(error));

import { setTimeout as after } from 'node:timers/promises';
import { spoken } from '../protocol/topology.ts';
import { type Millis, minutes, ms } from '../protocol/units.ts';
import type { Effect, Errand, TerminalEffect } from './keys/key.ts';
import { pasted, press } from './keys.ts';
import { Errands } from './session/errands.ts';
import { type Link, type LinkOptions, openLink } from './session/link.ts';
import { Lookout } from './session/lookout.ts';
import { Store } from './session/store.ts';
import { noLogs } from './state/logs.ts';
import { played, toLive } from './state/replay.ts';
import { armed, type Place, type Start, type State, withSnapshot } from './state/state.ts';

const firstRetryMs = ms(250);
const slowestRetryMs = ms(4_000);
/** So many snapshots may be missing before the screen says that it is not fresh. */
const lateAfter = 3;

type Elsewhere = Extract<Place, { readonly host: string }>;

export type SessionOptions = LinkOptions & {
  /** How long a console that only watches may act once it is armed. */
  readonly armedMs?: Millis;
  /** The control socket of an app on another machine, as if it were one of this machine. */
  readonly reach?: (place: Elsewhere) => Promise<string>;
  /** Writes what is recorded of ten minutes, and answers the name of the file. */
  readonly save?: (socketPath: string, to: number) => Promise<string>;
};

/** The console without its screen: takes keys, and keeps up with the supervisor. */
export class Session {
  readonly #ended = Promise.withResolvers<void>();
  readonly #store: Store;
  readonly #lookout: Lookout;
  readonly #errands: Errands;
  #options: SessionOptions;
  #link: Link | undefined;
  #late: NodeJS.Timeout | undefined;
  #playing: NodeJS.Timeout | undefined;
  #armed: NodeJS.Timeout | undefined;
  #over = false;
  /** What asks something of the terminal goes to whoever holds it. */
  onTerminal: (effect: TerminalEffect) => void = () => undefined;

  constructor(options: SessionOptions, start: Start = {}) {
    this.#options = options;
    this.#store = new Store(options.readOnly, start);
    this.#lookout = new Lookout(this.#store);
    this.#errands = new Errands(this.#store);
    this.#store.subscribe(() => this.#play());
  }

  /** Resolves when the operator quits. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  readonly state = (): State => this.#store.state();

  /** Of the app that is watched now. */
  get socketPath(): string {
    return this.#options.socketPath;
  }

  /** Throws when no supervisor answers; later it tries again by itself. */
  async open(): Promise<void> {
    const link = await openLink(this.#options, (snapshot) => {
      this.#store.change((state) => withSnapshot(state, snapshot));
      this.#expectAnother();
      void this.#lookOn();
    });
    // Meanwhile somebody may have left: nothing would close it any more.
    if (this.#over) {
      link.close();
      return;
    }
    this.#link = link;
    void link.closed.then(() => {
      if (this.#link === link) void this.#lost(firstRetryMs);
    });
  }

  key(name: string): void {
    const before = this.state();
    const { state, effect } = press(before, name);
    this.#store.change(() => state);
    if (effect !== undefined) void this.#perform(effect);
    const isElsewhere = state.view !== before.view || state.replay?.at !== before.replay?.at;
    if (isElsewhere) void this.#lookOn();
  }

  paste(text: string): void {
    this.#store.change((state) => pasted(state, text));
  }

  /** A change that comes from the terminal: its size, a click. */
  change(change: (state: State) => State): void {
    this.#store.change(change);
  }

  quit(): void {
    this.#over = true;
    clearTimeout(this.#late);
    clearTimeout(this.#playing);
    clearTimeout(this.#armed);
    this.#link?.close();
    this.#ended.resolve();
  }

  /** Goes on with a replay at its speed, until it stands still. */
  #play(): void {
    const { replay } = this.state();
    if (replay?.isPlaying !== true || this.#over) {
      clearTimeout(this.#playing);
      this.#playing = undefined;
      return;
    }
    this.#playing ??= setTimeout(() => {
      this.#playing = undefined;
      this.#store.change(played);
      void this.#lookOn();
    }, 1_000 / replay.speed);
  }

  #expectAnother(): void {
    clearTimeout(this.#late);
    if (this.#over) return;
    this.#late = setTimeout(() => {
      this.#store.change((state) => ({ ...state, connection: 'late' }));
    }, this.#options.everyMs * lateAfter);
  }

  async #lookOn(): Promise<void> {
    const link = this.#link;
    if (link === undefined || this.#over || this.state().connection === 'lost') return;
    await this.#lookout.look(link).catch((error: unknown) => {
      if (!this.#over && this.#link === link) this.#store.say(messageOf(error));
    });
  }

  async #lost(delayMs: Millis, since = performance.now()): Promise<void> {
    clearTimeout(this.#late);
    if (this.#over) return;
    const lostForMs = performance.now() - since;
    this.#store.change((state) => ({ ...state, connection: 'lost', lostForMs }));
    await after(delayMs);
    if (this.#over) return;
    try {
      await this.open();
    } catch {
      // Still away: the screen says so, and the next try is later.
      void this.#lost(ms(Math.min(delayMs * 2, slowestRetryMs)), since);
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
      case 'edit':
      case 'keep':
      case 'redraw':
      case 'theme':
        this.onTerminal(effect);
        return;
      case 'attach':
        return this.#tell(this.#attach(effect.place));
      case 'pace':
        return this.#tell(this.#pace(effect.everyMs));
      case 'export':
        return this.#tell(this.#export(effect.to));
      case 'arm':
        return this.#tell(effect.isOn ? this.#arm() : this.#disarm());
      case 'plan':
      case 'explain':
      case 'slowest':
      case 'apply':
      case 'autopilot':
      case 'dismiss':
      case 'undo':
      case 'rewind':
        return this.#tell(this.#run(effect));
    }
  }

  /** What went wrong with it, if anything. */
  async #tell(done: Promise<void>): Promise<void> {
    await done.catch((error: unknown) => this.#store.say(messageOf(error)));
  }

  async #run(errand: Errand): Promise<void> {
    if (this.#link !== undefined) await this.#errands.run(this.#link, errand);
  }

  async #export(to: number): Promise<void> {
    const file = await this.#options.save?.(this.#options.socketPath, to);
    if (file !== undefined) this.#store.say(`wrote ${file}`);
  }

  async #pace(everyMs: Millis): Promise<void> {
    await this.#reopen({ ...this.#options, everyMs });
    this.#store.say(`a frame every ${everyMs} ms`);
  }

  /** To another supervisor; the one before stays when that one does not answer. */
  async #attach(place: Place): Promise<void> {
    const socketPath = 'socketPath' in place ? place.socketPath : await this.#reach(place);
    await this.#reopen({ ...this.#options, socketPath });
    // What was allowed was allowed of the app before.
    if (this.#armed !== undefined) await this.#disarm();
    this.#errands.forget();
    this.#lookout.forget();
    this.#store.change(({ trend: _ofAnother, ...state }) => ({
      ...toLive(state),
      view: { type: 'main' },
      logs: noLogs,
      marks: [],
      pins: [],
    }));
  }

  async #reach(place: Elsewhere): Promise<string> {
    const { reach } = this.#options;
    if (reach === undefined) throw new Error(`this console does not get to ${place.host}`);
    return await reach(place);
  }

  /** The supervisor is asked for a role that may act; whether it grants that is its decision. */
  async #arm(): Promise<void> {
    await this.#reopen({ ...this.#options, readOnly: false });
    if (this.#over) return;
    const { armedMs = minutes(10) } = this.#options;
    const until = Date.now() + armedMs;
    clearTimeout(this.#armed);
    this.#armed = setTimeout(() => void this.#tell(this.#disarm()), armedMs);
    this.#store.change((state) => armed(state, until));
    this.#store.say('keys act on the app from now on; W ends it');
  }

  async #disarm(): Promise<void> {
    clearTimeout(this.#armed);
    this.#armed = undefined;
    // Whatever becomes of the connection: no key acts any more.
    this.#options = { ...this.#options, readOnly: true };
    this.#store.change((state) => armed(state, undefined));
    await this.#reopen(this.#options);
    this.#store.say('this console only watches again');
  }

  async #reopen(options: SessionOptions): Promise<void> {
    const [before, link] = [this.#options, this.#link];
    this.#options = options;
    try {
      await this.open();
      link?.close();
    } catch (error) {
      this.#options = before;
      throw error;
    }
  }
}

const messageOf = (error: unknown): string =>
  spoken(error instanceof Error ? error.message : String(error));

import { spoken } from '../protocol/topology.ts';
import { type Millis, ms } from '../protocol/units.ts';
import type { Effect } from './keys/key.ts';
import { pasted, press } from './keys.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';
import { initialState, type State, said, withSnapshot } from './state/state.ts';

const firstRetryMs = ms(250);
const slowestRetryMs = ms(4_000);
/** So many snapshots may be missing before the screen says that it is not fresh. */
const lateAfter = 3;

/** The console without its screen: holds the state, takes keys, talks to the supervisor. */
export class Session {
  readonly #options: LinkOptions;
  readonly #listeners = new Set<() => void>();
  readonly #ended = Promise.withResolvers<void>();
  #state: State;
  #link: Link | undefined;
  #late: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#state = initialState(options.readOnly);
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

  /** Throws when no supervisor answers; later it tries again by itself. */
  async open(): Promise<void> {
    this.#link = await openLink(this.#options, (snapshot) => {
      this.#set(withSnapshot(this.#state, snapshot));
      this.#expectAnother();
    });
    void this.#link.closed.then(() => this.#lost(firstRetryMs));
  }

  key(name: string): void {
    const { state, effect } = press(this.#state, name);
    this.#set(state);
    if (effect !== undefined) void this.#perform(effect);
  }

  paste(text: string): void {
    this.#set(pasted(this.#state, text));
  }

  quit(): void {
    this.#over = true;
    clearTimeout(this.#late);
    this.#link?.close();
    this.#ended.resolve();
  }

  #set(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #expectAnother(): void {
    clearTimeout(this.#late);
    if (this.#over) return;
    this.#late = setTimeout(() => {
      this.#set({ ...this.#state, connection: 'late' });
    }, this.#options.everyMs * lateAfter);
  }

  async #lost(delayMs: Millis): Promise<void> {
    clearTimeout(this.#late);
    if (this.#over) return;
    this.#set({ ...this.#state, connection: 'lost' });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (this.#over) return;
    try {
      await this.open();
    } catch {
      // Still away: the screen says so, and the next try is later.
      void this.#lost(ms(Math.min(delayMs * 2, slowestRetryMs)));
    }
  }

  async #perform(effect: Effect): Promise<void> {
    if (effect.type === 'quit') {
      this.quit();
      return;
    }
    try {
      await this.#ask(effect);
    } catch (error) {
      this.#say(spoken(error instanceof Error ? error.message : String(error)));
    }
  }

  async #ask(effect: Exclude<Effect, { readonly type: 'quit' }>): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    switch (effect.type) {
      case 'plan': {
        const { recommendation } = effect;
        const plan = await link.plan(recommendation.id);
        this.#set({ ...this.#state, dialog: { type: 'plan', plan, recommendation, apply: false } });
        return;
      }
      case 'accept': {
        const { kind, service, to } = await link.accept(effect.recommendation);
        this.#say(`done: ${kind} ${service} to ${to.workers}; its effect is being measured`);
        return;
      }
      case 'dismiss':
        await link.dismiss(effect.recommendation);
        this.#say('dismissed');
        return;
      case 'undo': {
        const { kind, service, to } = await link.undo();
        this.#say(`undone: ${kind} ${service} to ${to.workers}`);
        return;
      }
    }
  }

  #say(notice: string): void {
    this.#set(said(this.#state, notice));
  }
}

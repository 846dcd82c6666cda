import { initialState, type Start, type State, said } from '../state/state.ts';

/** The state of the console, and whoever wants to know that it has changed. */
export class Store {
  readonly #listeners = new Set<() => void>();
  #state: State;

  constructor(readOnly: boolean, start: Start) {
    this.#state = initialState(readOnly, start);
  }

  readonly state = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(change: (state: State) => State): void {
    const next = change(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  say(notice: string): void {
    this.change((state) => said(state, notice));
  }
}

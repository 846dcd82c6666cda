import { readHistory } from '../../sdk/control/history.ts';
import { noLogs, withLines } from '../state/logs.ts';
import { watchedService } from '../state/state.ts';
import { trendOf, trendSeconds } from '../state/trend.ts';
import type { Link } from './link.ts';
import { LogFeed, wantedLogs } from './log-feed.ts';
import type { Store } from './store.ts';

/** Reads what is open beyond the snapshot: a service that is looked into, logs. */
export class Lookout {
  readonly #store: Store;
  readonly #logs = new LogFeed();
  #inspected: string | undefined;
  /** Of which the last minutes were asked for; from then on the snapshots go on with them. */
  #trended: string | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Another app has another past. */
  forget(): void {
    this.#trended = undefined;
  }

  async look(link: Link): Promise<void> {
    await Promise.all([this.#inspect(link), this.#readTrend(link), this.#readLogs(link)]);
  }

  async #inspect(link: Link): Promise<void> {
    const { view, replay } = this.#store.state();
    if (view.type !== 'service' || replay !== undefined) return;
    // One at a time: a supervisor that is slow is not asked the more for it.
    if (this.#inspected === view.name) return;
    this.#inspected = view.name;
    try {
      const inspection = await link.inspect(view.name);
      this.#store.change((state) => ({ ...state, inspection }));
    } finally {
      this.#inspected = undefined;
    }
  }

  async #readTrend(link: Link): Promise<void> {
    const state = this.#store.state();
    const { replay, snapshot } = state;
    const name = watchedService(state);
    if (name === this.#trended || replay !== undefined || snapshot === undefined) return;
    this.#trended = name;
    if (name === '') return;
    const at = Date.parse(snapshot.status.at);
    const from = at - (trendSeconds + 10) * 1_000;
    const query = { from, to: at, stepMs: 10_000, services: [name], figuresOnly: true } as const;
    // Without it the charts show the last minute, as they do until it is there.
    const history = await readHistory(link.history, query).catch(() => undefined);
    if (history === undefined || this.#trended !== name) return;
    this.#store.change((now) => ({ ...now, trend: trendOf(name, history, at) }));
  }

  async #readLogs(link: Link): Promise<void> {
    const wanted = wantedLogs(this.#store.state());
    if (wanted === undefined) return;
    const read = await this.#logs.read(link, wanted);
    if (read === undefined || (!read.isNew && read.lines.length === 0)) return;
    this.#store.change((state) => {
      const { logs } = state;
      const kept = read.isNew ? { ...logs, lines: noLogs.lines, behind: 0 } : logs;
      return { ...state, logs: withLines(kept, read.lines) };
    });
  }
}

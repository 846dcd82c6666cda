import { type Millis, ms } from '../../protocol/units.ts';
import type { MeasuredService } from './measured.ts';

const kept = 5;

/** How long the workers of each service take to start, to the second that one looks. */
export class Startups {
  readonly #starting = new Map<string, ReadonlySet<string>>();
  readonly #took = new Map<string, readonly number[]>();

  /** The longest of the last few starts that were seen; to be asked for once a second. */
  of({ name, workers }: MeasuredService, at: number): Millis | undefined {
    const before = this.#starting.get(name);
    const now = workers.flatMap(({ id, status }) => (status === 'starting' ? [id] : []));
    this.#starting.set(name, new Set(now));
    const started = workers.filter(({ id, status }) => status === 'ready' && before?.has(id));
    const took = [
      ...(this.#took.get(name) ?? []),
      ...started.map(({ startedAt }) => Math.max(0, at - startedAt)),
    ].slice(-kept);
    this.#took.set(name, took);
    return took.length === 0 ? undefined : ms(Math.max(...took));
  }
}

import type { DeliveryCount, EventCount } from '../../protocol/metrics.ts';
import type { Outcome } from './event-queue.ts';

type Count = {
  emitted: number;
  to: Record<string, { -readonly [K in keyof DeliveryCount]: number }>;
};

/** Names made of ids would make a series each: those beyond are counted together. */
const mostNames = 100;
export const otherEvents = '__other__';

/** Counts the events that one service emits, by name and by subscriber. */
export class EventMeter {
  #counts = new Map<string, Count>();

  emitted(event: string): void {
    this.#countOf(event).emitted += 1;
  }

  posted(event: string, to: string, outcome: Outcome): void {
    const count = this.#countOf(event);
    count.to[to] ??= { delivered: 0, failed: 0, dropped: 0 };
    count.to[to][outcome] += 1;
  }

  /** Answers a period and begins the next. */
  take(): readonly EventCount[] {
    const counts = [...this.#counts].map(([event, count]) => ({ event, ...count }));
    this.#counts = new Map();
    return counts;
  }

  #countOf(event: string): Count {
    const known = this.#counts.get(event);
    if (known !== undefined) return known;
    if (this.#counts.size >= mostNames && event !== otherEvents) return this.#countOf(otherEvents);
    const count = { emitted: 0, to: {} };
    this.#counts.set(event, count);
    return count;
  }
}

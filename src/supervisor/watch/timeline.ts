import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { Severity } from '../../protocol/severity.ts';
import type { History } from '../history/history.ts';

/** What the supervisor has to say of itself. */
export const ownEvent = (text: string, severity: Severity = 'warning'): TimelineEvent => ({
  at: new Date().toISOString(),
  kind: 'supervisor',
  severity,
  service: 'supervisor',
  text,
});

export const autopilotEvent = (service: string, text: string): TimelineEvent => ({
  ...ownEvent(`the autopilot could not act: ${text}`),
  kind: 'action',
  service,
});

const limit = 200;

type Keeper = Pick<History, 'record' | 'lastEvents' | 'eventsSince'>;

/** The last things that happened, newest last; bounded, so that a restart loop cannot fill memory. */
export class Timeline {
  #events: TimelineEvent[] = [];
  #history: Keeper | undefined;

  /** Goes on from what happened under the supervisors before. */
  keepIn(history: Keeper): void {
    const own = this.#events;
    this.#history = history;
    this.#events = [...history.lastEvents(limit)];
    for (const event of own) this.add(event);
  }

  add(event: TimelineEvent): void {
    this.#history?.record({ kind: 'event', at: Date.parse(event.at), event });
    this.#events.push(event);
    if (this.#events.length > limit) this.#events.shift();
  }

  list(): readonly TimelineEvent[] {
    return [...this.#events];
  }

  /** All of them, as far back as they are kept. */
  since(at: number): readonly TimelineEvent[] {
    const [oldest] = this.#events;
    const isHere = this.#events.length < limit || Date.parse(oldest?.at ?? '') < at;
    if (!isHere && this.#history !== undefined) return this.#history.eventsSince(at);
    return this.#events.filter((event) => Date.parse(event.at) >= at);
  }
}

import type { TimelineEvent } from '../protocol/control/messages.ts';

/** What the supervisor has to say of itself. */
export const ownEvent = (text: string): TimelineEvent => ({
  at: new Date().toISOString(),
  kind: 'supervisor',
  severity: 'warning',
  service: 'supervisor',
  text,
});

export const autopilotEvent = (service: string, text: string): TimelineEvent => ({
  ...ownEvent(`the autopilot could not act: ${text}`),
  kind: 'action',
  service,
});

/** The last things that happened, newest last; bounded, so that a restart loop cannot fill memory. */
export class Timeline {
  readonly #events: TimelineEvent[] = [];
  readonly #limit: number;

  constructor(limit = 200) {
    this.#limit = limit;
  }

  add(event: TimelineEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#limit) this.#events.shift();
  }

  list(): readonly TimelineEvent[] {
    return [...this.#events];
  }
}

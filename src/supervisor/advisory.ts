import { actionDone, advise, dismissFor } from '../advisor/advisor.ts';
import { type Done, initialMemory, type Memory } from '../advisor/memory.ts';
import { type AdvisorInput, roundedView } from '../advisor/replay/input.ts';
import { type AdvisorSettings, settingsFrom } from '../advisor/settings.ts';
import { shiftMemory } from '../advisor/shift.ts';
import type { View } from '../advisor/view.ts';
import type { Action, ActionRequest, Verification } from '../protocol/action.ts';
import type { NotAdvised, Recommendation } from '../protocol/advice.ts';
import type { TimelineEvent } from '../protocol/control/messages.ts';
import { unknownAdvice } from '../protocol/errors.ts';
import { instant, type Millis, ms } from '../protocol/units.ts';
import type { AdvisorConfig } from './topology/app-config.ts';

export type AdvisoryOptions = {
  readonly config: () => AdvisorConfig;
  readonly onEvent: (event: TimelineEvent) => void;
  readonly onVerified: (actionId: string, verification: Verification) => void;
  /** Everything that it is given, for whoever wants to see it decide again. */
  readonly onInput: (input: AdvisorInput) => void;
  /** Of the supervisor before. */
  readonly memory?: Memory | undefined;
};

/** Keeps the advisor's memory, and turns what it says into events and verdicts. */
export class Advisory {
  readonly #options: AdvisoryOptions;
  #memory: Memory;
  #settings = '';
  #recommendations: readonly Recommendation[] = [];
  #notAdvised: readonly NotAdvised[] = [];

  constructor(options: AdvisoryOptions) {
    this.#options = options;
    this.#memory = options.memory ?? initialMemory;
    this.#recommendations = this.#memory.open.map(({ recommendation }) => recommendation);
  }

  get memory(): Memory {
    return this.#memory;
  }

  get recommendations(): readonly Recommendation[] {
    return this.#recommendations;
  }

  get notAdvised(): readonly NotAdvised[] {
    return this.#notAdvised;
  }

  /** Once a second. */
  tick(exact: View): void {
    // It sees what is recorded, to the digit: so that it decides the same when it sees it again.
    const view = roundedView(exact);
    const settings = this.#settingsNow();
    this.#options.onInput({ type: 'view', view });
    const { memory, recommendations, notAdvised, verified, changes } = advise(
      this.#memory,
      view,
      settings,
    );
    this.#memory = memory;
    this.#recommendations = recommendations;
    this.#notAdvised = notAdvised;
    const at = new Date(view.at).toISOString();
    for (const { kind, recommendation } of changes) {
      this.#options.onEvent(toEvent(kind, recommendation, at));
    }
    for (const { actionId, verification } of verified) {
      this.#options.onVerified(actionId, verification);
    }
  }

  get(id: string): Recommendation {
    const found = this.#recommendations.find((each) => each.id === id);
    if (found !== undefined) return found;
    throw unknownAdvice(
      id,
      this.#recommendations.map((each) => each.id),
    );
  }

  /** Puts it away, for as long as the operator says if they say so, and answers what it was. */
  dismiss(id: string, forMs?: number): Recommendation {
    const advice = this.get(id);
    const at = instant(Date.now());
    const dismissal = { id, at, ...(forMs === undefined ? {} : { forMs: ms(forMs) }) };
    this.#options.onInput({ type: 'dismissed', ...dismissal });
    this.#memory = dismissFor(this.#memory, dismissal);
    this.#recommendations = this.#recommendations.filter((each) => each.id !== id);
    return advice;
  }

  /** The cooldown begins now, when the action is done, and so does the check whether it helps. */
  done(action: Action, request: ActionRequest, recommendation?: Recommendation): void {
    const done: Done = {
      actionId: action.id,
      service: action.service,
      direction: directionOf(action, request),
      at: instant(Date.now()),
      ...(recommendation === undefined ? {} : { recommendation }),
    };
    this.#options.onInput({ type: 'done', done });
    this.#memory = actionDone(this.#memory, done);
    if (recommendation === undefined) return;
    this.#recommendations = this.#recommendations.filter(({ id }) => id !== recommendation.id);
  }

  /** The clock was set by so much. */
  shift(byMs: Millis): void {
    this.#options.onInput({ type: 'shifted', byMs });
    this.#memory = shiftMemory(this.#memory, byMs);
  }

  #settingsNow(): AdvisorSettings {
    const settings = settingsFrom(this.#options.config());
    const text = JSON.stringify(settings);
    if (text !== this.#settings) this.#options.onInput({ type: 'settings', settings });
    this.#settings = text;
    return settings;
  }
}

const directionOf = ({ from, to }: Action, { kind }: ActionRequest): 'up' | 'down' | 'other' => {
  if (kind !== 'scale') return 'other';
  return to.workers >= from.workers ? 'up' : 'down';
};

const toEvent = (
  kind: 'opened' | 'cleared',
  { service, action, severity, reason }: Recommendation,
  at: string,
): TimelineEvent => ({
  at,
  kind: 'advice',
  service,
  severity: kind === 'opened' ? severity : 'ok',
  text: kind === 'opened' ? `${action} advised: ${reason}` : `${action} no longer advised`,
});

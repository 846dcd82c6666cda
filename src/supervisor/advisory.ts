import { actionDone, advise, dismissUntil } from '../advisor/advisor.ts';
import { initialMemory, type Memory } from '../advisor/memory.ts';
import { dismissedForMs, settingsFrom } from '../advisor/settings.ts';
import type { View } from '../advisor/view.ts';
import type { Action, ActionRequest, Verification } from '../protocol/action.ts';
import type { NotAdvised, Recommendation } from '../protocol/advice.ts';
import type { TimelineEvent } from '../protocol/control/messages.ts';
import { unknownAdvice } from '../protocol/errors.ts';
import { instant } from '../protocol/units.ts';
import type { AdvisorConfig } from './topology/app-config.ts';

export type AdvisoryOptions = {
  readonly config: () => AdvisorConfig;
  readonly onEvent: (event: TimelineEvent) => void;
  readonly onVerified: (actionId: string, verification: Verification) => void;
};

/** Keeps the advisor's memory, and turns what it says into events and verdicts. */
export class Advisory {
  readonly #options: AdvisoryOptions;
  #memory: Memory = initialMemory;
  #recommendations: readonly Recommendation[] = [];
  #notAdvised: readonly NotAdvised[] = [];

  constructor(options: AdvisoryOptions) {
    this.#options = options;
  }

  get recommendations(): readonly Recommendation[] {
    return this.#recommendations;
  }

  get notAdvised(): readonly NotAdvised[] {
    return this.#notAdvised;
  }

  /** Once a second. */
  tick(view: View): void {
    const { memory, recommendations, notAdvised, verified, changes } = advise(
      this.#memory,
      view,
      settingsFrom(this.#options.config()),
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

  /** Puts it away for a while, and answers what it was. */
  dismiss(id: string, forMs: number = dismissedForMs): Recommendation {
    const advice = this.get(id);
    this.#memory = dismissUntil(this.#memory, id, instant(Date.now() + forMs));
    this.#recommendations = this.#recommendations.filter((each) => each.id !== id);
    return advice;
  }

  /** The cooldown begins now, when the action is done, and so does the check whether it helps. */
  done(action: Action, request: ActionRequest, recommendation?: Recommendation): void {
    this.#memory = actionDone(this.#memory, {
      actionId: action.id,
      service: action.service,
      direction: directionOf(action, request),
      at: instant(Date.now()),
      ...(recommendation === undefined ? {} : { recommendation }),
    });
    if (recommendation === undefined) return;
    this.#recommendations = this.#recommendations.filter(({ id }) => id !== recommendation.id);
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

import { type PuttingAway, putAway } from '../../advisor/advice/put-away.ts';
import { actionDone, actionFailed, advise } from '../../advisor/advisor.ts';
import { type Piloted, pilot } from '../../advisor/autopilot/pilot.ts';
import { explain } from '../../advisor/explain/explain.ts';
import { type Done, initialMemory, type Memory } from '../../advisor/memory/memory.ts';
import { shiftMemory } from '../../advisor/memory/shift.ts';
import { calibrationOf } from '../../advisor/outcome/calibration.ts';
import { type AdvisorInput, roundedView } from '../../advisor/replay/input.ts';
import { type AdvisorSettings, settingsFrom } from '../../advisor/settings.ts';
import type { View } from '../../advisor/view.ts';
import type { Action, Verification } from '../../protocol/action.ts';
import type { AdviceAction, NotAdvised, Recommendation } from '../../protocol/advice.ts';
import {
  type AutoExecute,
  type AutopilotMode,
  executeIn,
  modeOf,
} from '../../protocol/autopilot.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import { unknownAdvice } from '../../protocol/errors.ts';
import { idMeant } from '../../protocol/short-id.ts';
import { instant, type Millis } from '../../protocol/units.ts';
import type { AdvisorConfig } from '../config/app-config.ts';

export type AdvisoryOptions = {
  readonly config: () => AdvisorConfig;
  /** What an operator chose against the config, if anything. */
  readonly mode?: () => AutopilotMode | undefined;
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
  #view: View | undefined;
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

  get mode(): AutopilotMode {
    return this.#options.mode?.() ?? modeOf(this.#options.config().scaling.autoExecute);
  }

  /** What the autopilot may carry out. */
  get autoExecute(): AutoExecute {
    return executeIn(this.#options.mode?.(), this.#options.config().scaling.autoExecute);
  }

  /** What it saw last; undefined before the first second. */
  get view(): View | undefined {
    return this.#view;
  }

  get recommendations(): readonly Recommendation[] {
    return this.#isSilent ? [] : this.#recommendations;
  }

  get notAdvised(): readonly NotAdvised[] {
    return this.#isSilent ? [] : this.#notAdvised;
  }

  /** It goes on deciding, so that it knows what it would say. */
  get #isSilent(): boolean {
    return this.mode === 'observe';
  }

  /** Once a second. */
  tick(exact: View): void {
    // It sees what is recorded, to the digit: so that it decides the same when it sees it again.
    const view = roundedView(exact);
    const settings = this.#tellSettings();
    this.#options.onInput({ type: 'view', view });
    const { memory, recommendations, notAdvised, verified, changes } = advise(
      this.#memory,
      view,
      settings,
    );
    this.#memory = memory;
    this.#view = view;
    this.#recommendations = recommendations;
    this.#notAdvised = notAdvised;
    const at = new Date(view.at).toISOString();
    for (const { kind, recommendation } of this.#isSilent ? [] : changes) {
      this.#options.onEvent(toEvent(kind, recommendation, at));
    }
    for (const { actionId, verification } of verified) {
      this.#options.onVerified(actionId, verification);
    }
  }

  /** How it comes to what it says of a service; undefined before it has seen it. */
  explain(service: string): ReturnType<typeof explain> {
    const settings = this.#settingsOfNow();
    const view = this.#view;
    return view === undefined
      ? undefined
      : explain(service, { memory: this.#memory, view, settings });
  }

  /** What the autopilot is to do now. */
  pilot(view: View, busy: ReadonlySet<string>): Piloted {
    const settings = this.#settingsOfNow();
    return pilot({ memory: this.#memory, view, settings, busy });
  }

  get(id: string): Recommendation {
    const known = this.recommendations.map((each) => each.id);
    const meant = idMeant(id, known);
    const found = this.recommendations.find((each) => each.id === meant);
    if (found === undefined) throw unknownAdvice(id, known);
    return found;
  }

  /** How far what was said so far could be relied on. */
  calibration(): ReturnType<typeof calibrationOf> {
    return calibrationOf(this.#memory);
  }

  /** Puts it away, for as long as the operator says if they say so. */
  putAway(typed: string, given: Omit<PuttingAway, 'at'>): void {
    const advice = this.get(typed);
    const { id } = advice;
    const at = instant(Date.now());
    this.#options.onInput({ type: 'dismissed', id, at, ...given });
    this.#memory = putAway(this.#memory, id, { ...given, at });
    this.#recommendations = this.#recommendations.filter((each) => each.id !== id);
    this.#options.onEvent(toPutAwayEvent(advice, given, new Date(at).toISOString()));
  }

  /** The cooldown begins now, when the action is done, and so does the check whether it helps. */
  done(action: Action, { recommendation, undoes }: Following = {}): void {
    const kind = adviceKindOf(action);
    const done: Done = {
      actionId: action.id,
      service: action.service,
      direction: directionOf(action),
      at: instant(Date.now()),
      ...(kind !== undefined && { action: kind }),
      ...(recommendation !== undefined && { recommendation }),
      ...(undoes !== undefined && { undoes }),
      ...(action.by.origin === 'advisor' && { isAutopilots: true }),
    };
    this.#options.onInput({ type: 'done', done });
    this.#memory = actionDone(this.#memory, done);
    if (recommendation === undefined) return;
    this.#recommendations = this.#recommendations.filter(({ id }) => id !== recommendation.id);
  }

  /** The autopilot could not do it, and is not to try again at once. */
  failed(actionId: string, { id, service, action }: Recommendation): void {
    const at = instant(Date.now());
    const done = { actionId, service, direction: 'other', at, action, isAutopilots: true } as const;
    this.#options.onInput({ type: 'failed', done });
    this.#memory = actionFailed(this.#memory, done);
    this.#recommendations = this.#recommendations.filter((each) => each.id !== id);
  }

  /** The clock was set by so much. */
  shift(byMs: Millis): void {
    this.#options.onInput({ type: 'shifted', byMs });
    this.#memory = shiftMemory(this.#memory, byMs);
  }

  #settingsOfNow(): AdvisorSettings {
    return { ...settingsFrom(this.#options.config()), autoExecute: this.autoExecute };
  }

  #tellSettings(): AdvisorSettings {
    const settings = this.#settingsOfNow();
    const text = JSON.stringify(settings);
    if (text !== this.#settings) this.#options.onInput({ type: 'settings', settings });
    this.#settings = text;
    return settings;
  }
}

/** What an action follows from, or takes back. */
export type Following = { readonly recommendation?: Recommendation; readonly undoes?: string };

/** The advice that would have had this action done. */
const adviceKindOf = ({ kind, from, to }: Action): AdviceAction | undefined => {
  if (kind === 'scale') return to.workers >= from.workers ? 'scale_up' : 'scale_down';
  if (kind === 'split') return 'split_out';
  return kind === 'colocate' ? 'colocate' : undefined;
};

const directionOf = ({ kind, from, to }: Action): 'up' | 'down' | 'other' => {
  if (kind !== 'scale') return 'other';
  return to.workers >= from.workers ? 'up' : 'down';
};

const toPutAwayEvent = (
  { service, action }: Recommendation,
  { by = 'somebody', why = '', isSnoozed = false }: Omit<PuttingAway, 'at'>,
  at: string,
): TimelineEvent => ({
  at,
  kind: 'advice',
  service,
  severity: 'ok',
  text: `${by} ${isSnoozed ? 'snoozed' : 'dismissed'} ${action}${why === '' ? '' : `: ${why}`}`,
});

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

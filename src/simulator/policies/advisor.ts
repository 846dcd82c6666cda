import { directionOf, toActionRequest } from '../../advisor/advice/to-action.ts';
import { actionDone, advise } from '../../advisor/advisor.ts';
import { isToBeTakenBack, pilot } from '../../advisor/autopilot/pilot.ts';
import { type Done, initialMemory, type Memory } from '../../advisor/memory/memory.ts';
import type { Verdict } from '../../advisor/outcome/verify.ts';
import { type AdvisorSettings, defaultSettings } from '../../advisor/settings.ts';
import type { View } from '../../advisor/view.ts';
import type { Policy } from './policy.ts';

/** The lines of a service whose requests are to be answered within this time; else as by default. */
export const settingsFor = (sloMs: number): AdvisorSettings => ({
  ...defaultSettings,
  autoExecute: true,
  thresholds: {
    ...defaultSettings.thresholds,
    latencyP99: { warning: sloMs * warningShare, critical: sloMs },
  },
});

const warningShare = 0.8;

/** The advisor and the autopilot as they are shipped. */
export const advisor = (settings: AdvisorSettings): Policy => {
  const flight = new Flight(settings);
  return { decide: ({ view }) => flight.second(view) };
};

type Scaling = {
  readonly done: Omit<Done, 'at'>;
  readonly from: number;
  readonly to: number;
};

/** One service: an action ends when all of its workers are ready, and then the next may begin. */
class Flight {
  readonly #settings: AdvisorSettings;
  #memory: Memory = initialMemory;
  #running: Scaling | undefined;
  #last: Scaling | undefined;

  constructor(settings: AdvisorSettings) {
    this.#settings = settings;
  }

  /** How many workers there are to be from now on; undefined when they stay as many. */
  second(view: View): number | undefined {
    this.#end(view);
    const { memory, verified } = advise(this.#memory, view, this.#settings);
    this.#memory = memory;
    if (this.#running !== undefined) return undefined;
    this.#running = this.#undoOf(verified) ?? this.#piloted(view);
    return this.#running?.to;
  }

  #end({ at, services }: View): void {
    if (this.#running === undefined || this.#running.to !== services[0]?.workers) return;
    this.#memory = actionDone(this.#memory, { ...this.#running.done, at });
    this.#last = this.#running;
    this.#running = undefined;
  }

  #piloted(view: View): Scaling | undefined {
    const given = { memory: this.#memory, view, settings: this.#settings, busy: none };
    for (const advice of pilot(given).execute) {
      const request = toActionRequest(advice);
      if (request?.kind !== 'scale') continue;
      const { id: actionId, service, action } = advice;
      const direction = directionOf(action);
      return {
        done: { actionId, service, direction, action, recommendation: advice, isAutopilots: true },
        from: Number(advice.details['currentWorkers']),
        to: request.workers,
      };
    }
    return undefined;
  }

  #undoOf(verified: readonly Verdict[]): Scaling | undefined {
    const last = this.#last;
    const verdict = verified.find(({ actionId }) => actionId === last?.done.actionId);
    if (last === undefined || verdict === undefined || last.done.undoes !== undefined)
      return undefined;
    if (!isToBeTakenBack(verdict.verification)) return undefined;
    const { actionId, service } = last.done;
    const isUp = last.from > last.to;
    return {
      done: {
        actionId: `undo-${actionId}`,
        service,
        direction: isUp ? 'up' : 'down',
        action: isUp ? 'scale_up' : 'scale_down',
        undoes: actionId,
        isAutopilots: true,
      },
      from: last.to,
      to: last.from,
    };
  }
}

/** While an action is under way, nothing is asked. */
const none: ReadonlySet<string> = new Set();

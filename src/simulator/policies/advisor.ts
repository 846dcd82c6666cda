import { actionDone, advise } from '../../advisor/advisor.ts';
import { initialMemory, type Memory } from '../../advisor/memory.ts';
import { type AdvisorSettings, defaultSettings } from '../../advisor/settings.ts';
import { directionOf, toActionRequest } from '../../advisor/to-action.ts';
import type { View } from '../../advisor/view.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { Policy } from './policy.ts';

/** The lines of a service whose requests are to be answered within this time. */
export const settingsFor = (sloMs: number): AdvisorSettings => ({
  ...defaultSettings,
  autoExecute: true,
  thresholds: {
    ...defaultSettings.thresholds,
    latencyP99: { warning: sloMs * warningShare, critical: sloMs },
  },
});

const warningShare = 0.8;

/** The advisor as it is shipped, with its autopilot on: one action at a time, done when all is ready. */
export const advisor = (sloMs: number): Policy => {
  const settings = settingsFor(sloMs);
  let memory: Memory = initialMemory;
  let running: { readonly advice: Recommendation; readonly workers: number } | undefined;
  const endAction = (view: View): void => {
    if (running === undefined || running.workers !== view.services[0]?.workers) return;
    const { advice } = running;
    const { id: actionId, service, action } = advice;
    const done = { actionId, service, direction: directionOf(action), at: view.at };
    memory = actionDone(memory, { ...done, recommendation: advice });
    running = undefined;
  };
  return {
    decide: ({ view }) => {
      endAction(view);
      const advised = advise(memory, view, settings);
      memory = advised.memory;
      if (running !== undefined) return undefined;
      for (const advice of advised.recommendations) {
        const request = toActionRequest(advice);
        if (request?.kind !== 'scale') continue;
        running = { advice, workers: request.workers };
        return request.workers;
      }
      return undefined;
    },
  };
};

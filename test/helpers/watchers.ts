import { actionDone, advise } from '../../src/advisor/advisor.ts';
import { initialMemory, type Memory } from '../../src/advisor/memory/memory.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import type { View } from '../../src/advisor/view.ts';
import type { Recommendation } from '../../src/protocol/advice.ts';
import { NaiveAdvisor } from '../fixtures/naive-advisor.ts';
import { type Scene, second, viewsOf } from './advisor.ts';

/** Sees the app once a second, and answers with what it advises now. */
type Watcher = {
  readonly see: (view: View) => readonly string[];
  /** An operator has done what it said. */
  readonly accepted: (service: string, view: View) => void;
};

const textOf = ({ action, service, details }: Recommendation): string =>
  ['scale_up', 'scale_down'].includes(action)
    ? `${action} ${service} ${details['suggestedWorkers']}`
    : `${action} ${service}`;

export const ours = (): Watcher => {
  let memory: Memory = initialMemory;
  return {
    see: (view) => {
      const advised = advise(memory, view, defaultSettings);
      memory = advised.memory;
      return advised.recommendations.map(textOf);
    },
    accepted: (service, { at }) => {
      const recommendation = memory.open.find(
        ({ recommendation: open }) => open.service === service,
      )?.recommendation;
      if (recommendation === undefined) return;
      memory = actionDone(memory, {
        actionId: recommendation.id,
        service,
        direction: 'up',
        at,
        recommendation,
      });
    },
  };
};

/** Looks every thirty seconds; with `perWorker`, its first fault is already mended. */
export const naive = (perWorker: boolean): Watcher => {
  const advisor = new NaiveAdvisor();
  let said: readonly string[] = [];
  return {
    see: (view) => {
      if ((view.at - second(0)) % 30_000 !== 0) return said;
      for (const { service, cpuPerWorker } of view.services) {
        if (perWorker) advisor.reportWorkerCpu(service, cpuPerWorker);
      }
      said = advisor.evaluate(view).map(({ text }) => text);
      return said;
    },
    accepted: () => {
      said = [];
    },
  };
};

/** What was said, second by second. */
export type Log = readonly (readonly string[])[];

export type Complaint = {
  readonly scenes: readonly Scene[];
  readonly cores?: number;
  /** The naive one, too, measures CPU per worker. */
  readonly perWorker?: true;
  /** Whatever is advised on this service is done at once. */
  readonly accept?: string;
  readonly right: (log: Log) => boolean;
};

export const logOf = (watcher: Watcher, { scenes, cores, accept }: Complaint): Log =>
  viewsOf(scenes.map((scene) => ({ ...scene, ...(cores && { cores }) }))).map((view) => {
    const said = watcher.see(view);
    if (accept !== undefined && said.some((text) => text.includes(accept))) {
      watcher.accepted(accept, view);
    }
    return said;
  });

export const ever = (log: Log, text: string): boolean =>
  log.some((said) => said.some((one) => one.includes(text)));
export const isSilent = (log: Log): boolean => log.every((said) => said.length === 0);
export const firstSaid = (log: Log): string | undefined => log.find((said) => said.length > 0)?.[0];
export const begunSaying = (log: Log, text: string): number =>
  log.filter((said, at) => {
    const says = (one: readonly string[] | undefined) => one?.some((each) => each.includes(text));
    return says(said) && !says(log[at - 1]);
  }).length;

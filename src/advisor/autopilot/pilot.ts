import type { Verification } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { AutopilotReport, Held } from '../../protocol/autopilot.ts';
import { isExecutable } from '../advice/to-action.ts';
import type { Memory } from '../memory/memory.ts';
import type { AdvisorSettings } from '../settings.ts';
import type { View } from '../view.ts';
import { bounds } from './bounds.ts';

export type Piloted = {
  /** To be done now, each on a service that nothing else is done to. */
  readonly execute: readonly Recommendation[];
  readonly held: AutopilotReport['held'];
};

export type Pilot = {
  readonly memory: Memory;
  readonly view: View;
  readonly settings: AdvisorSettings;
  /** Services on which an action is under way. */
  readonly busy: ReadonlySet<string>;
};

/**
 * What of the open advice is to be carried out now, and why the rest is not: advice that only stays,
 * as it may come back, is for a person.
 */
export const pilot = (given: Pilot): Piloted => {
  const execute: Recommendation[] = [];
  const held: Held[] = [];
  for (const { recommendation, seenAt } of given.memory.open) {
    if (!isExecutable(recommendation, given.settings)) continue;
    const because =
      seenAt < given.view.at
        ? 'nothing is to be seen of it now'
        : bounds.map((bound) => bound(recommendation, { ...given, execute })).find(Boolean);
    if (because === undefined) execute.push(recommendation);
    else held.push({ recommendation: recommendation.id, service: recommendation.service, because });
  }
  return { execute, held };
};

/** What it did itself and did not help is not left standing. */
export const isToBeTakenBack = ({
  helped,
  inconclusive,
}: Pick<Verification, 'helped' | 'inconclusive'>): boolean => !helped && inconclusive === undefined;

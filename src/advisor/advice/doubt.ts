import type { AdviceAction } from '../../protocol/advice.ts';
import type { Found } from '../judge.ts';
import { isOfFullMachine } from '../machine.ts';
import type { OpenAdvice } from '../memory/memory.ts';
import { externalCause } from '../rules/investigate-external.ts';
import { unexplainedCause } from '../rules/investigate-unexplained.ts';
import { explainedShare } from '../rules/scale-up.ts';
import { roomToSpare } from '../signals/full.ts';
import { isAnswering } from '../signals/signals.ts';
import { type Situation, sharesOf } from '../situation.ts';

/** With so much of the trouble left, what is told gives up its place as late as ever. */
export const doubtfulPart = 0.5;
/** With so many times the room that makes a full machine free, nothing is left of that. */
export const emptyTimes = 2;

/** How much speaks for a cause: a half may as well be another's. */
export const leadOf = (part: number): number => Math.max(0, 2 * part - 1);

/**
 * How much speaks against another cause in the place of what is told, 0–1: what the old one still
 * explains, or what the new one does not. 1 where the trouble lies on the line between the two, and
 * near 0 once nothing is left of the one and the other explains all.
 */
export const doubtOf = (open: OpenAdvice, own: readonly Found[]): number => {
  if (!own.every(isShown)) return 1;
  const { action, service } = open.recommendation;
  const left = own.map(({ situation }) =>
    situation.service.service === service ? partOf({ action, about: open.about }, situation) : 1,
  );
  return Math.min(
    1,
    Math.max(1 - leadOf(explainedBy(own)), ...left.map((part = 1) => part / doubtfulPart)),
  );
};

/** The part of the trouble that is of what is found. */
export const explainedBy = (own: readonly Found[]): number =>
  Math.max(
    ...own.map((found) => {
      const now = isShown(found) ? partOf(found.draft, found.situation) : undefined;
      return now ?? found.draft.strength;
    }),
  );

/**
 * The view tells what goes on now. After a good second it still shows, for as long as it spans, where
 * the time of what is over went.
 */
const isShown = ({ situation: { hot, thresholds, history } }: Found): boolean => {
  const { p99Now = 0 } = history.points.at(-1) ?? {};
  return isAnswering(history.points) && (hot || p99Now >= thresholds.latencyP99.warning);
};

type Cause = { readonly action: AdviceAction; readonly about?: string };

/** By the view alone, which knows nothing of what went on before; undefined where that does not tell. */
const partOf = ({ action, about }: Cause, situation: Situation): number | undefined => {
  if (action === 'scale_up') return situation.hot ? 1 : explainedShare(ofView(situation));
  // That nobody knows is true until somebody does.
  if (about === unexplainedCause) return 0;
  if (about === externalCause) return sharesOf(ofView(situation)).external;
  return isOfFullMachine(action, about) ? fullPart(situation) : undefined;
};

const ofView = (situation: Situation): Situation => {
  const { service, history } = situation;
  return { ...situation, history: { ...history, split: service.split } };
};

const fullPart = ({ machine }: Situation): number =>
  Math.max(0, 1 - machine.idleCores / (emptyTimes * roomToSpare(machine)));

import type { NotAdvised, Recommendation } from '../protocol/advice.ts';
import type { Instant } from '../protocol/units.ts';
import { type Change, keep } from './advice/cases.ts';
import { judge } from './judge.ts';
import { learn } from './memory/learn.ts';
import type { Done, Memory } from './memory/memory.ts';
import { overtakenBy, settle, toWaiting, type Verdict } from './outcome/verify.ts';
import { type AdvisorSettings, actionsKeptMs } from './settings.ts';
import type { View } from './view.ts';

export type Advised = {
  readonly memory: Memory;
  readonly recommendations: readonly Recommendation[];
  readonly notAdvised: readonly NotAdvised[];
  readonly verified: readonly Verdict[];
  readonly changes: readonly Change[];
};

/** One second: what was seen, what follows from it, and what has become of earlier advice. */
export const advise = (before: Memory, view: View, settings: AdvisorSettings): Advised => {
  const learned = forget(learn(before, view, settings), view.at, settings);
  const { memory, verified } = settle(learned, view, settings);
  const judged = judge(view, memory, settings);
  return { ...keep(memory, judged, view.at), notAdvised: judged.notAdvised, verified };
};

/** The cooldown begins when an action is done, and so does the time until its verdict. */
export const actionDone = (memory: Memory, done: Done): Memory => ({
  ...memory,
  open: memory.open.filter(({ recommendation }) => recommendation.service !== done.service),
  done: [...memory.done, { ...done, cores: memory.services[done.service]?.queue?.load ?? 0 }],
  waiting: [...overtakenBy(memory.waiting, done), toWaiting(memory, done)],
});

/** Nothing has changed, and it is not tried again before the cooldown is over. */
export const actionFailed = (memory: Memory, done: Done): Memory => ({
  ...memory,
  open: memory.open.filter(({ recommendation }) => recommendation.service !== done.service),
  done: [...memory.done, { ...done, direction: 'other', cores: 0 }],
});

/** Drops what has no effect any more. */
const forget = (memory: Memory, at: Instant, { cooldownMs }: AdvisorSettings): Memory => ({
  ...memory,
  muted: memory.muted.filter(({ until }) => until > at),
  done: memory.done.filter((done) => at - done.at < Math.max(cooldownMs, actionsKeptMs)),
});

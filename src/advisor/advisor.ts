import type { NotAdvised, Recommendation } from '../protocol/advice.ts';
import type { Instant, Millis } from '../protocol/units.ts';
import { type Change, keep } from './cases.ts';
import { judge } from './judge.ts';
import { learn } from './learn.ts';
import type { Done, Memory } from './memory.ts';
import { type AdvisorSettings, actionsKeptMs, dismissedForMs } from './settings.ts';
import { settle, toWaiting, type Verdict } from './verify.ts';
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
  const { memory, verified } = settle(learned, view);
  const judged = judge(view, memory, settings);
  return { ...keep(memory, judged, view.at), notAdvised: judged.notAdvised, verified };
};

export type Dismissal = { readonly id: string; readonly at: Instant; readonly forMs?: Millis };

/** Not again for a while, unless it becomes worse. */
export const dismiss = (memory: Memory, id: string, at: Instant): Memory =>
  dismissFor(memory, { id, at });

/** As long as the operator said. */
export const dismissFor = (
  memory: Memory,
  { id, at, forMs = dismissedForMs }: Dismissal,
): Memory => {
  const until = (at + forMs) as Instant;
  const open = memory.open.find(({ recommendation }) => recommendation.id === id);
  if (open === undefined) return memory;
  const { service, action, severity } = open.recommendation;
  return {
    ...memory,
    open: memory.open.filter((each) => each !== open),
    muted: [...memory.muted, { service, action, about: open.about, severity, until }],
  };
};

/** The cooldown begins when an action is done, and so does the time until its verdict. */
export const actionDone = (memory: Memory, done: Done): Memory => ({
  ...memory,
  open: memory.open.filter(({ recommendation }) => recommendation.service !== done.service),
  done: [...memory.done, { ...done, cores: memory.services[done.service]?.queue?.load ?? 0 }],
  waiting: [...memory.waiting, toWaiting(memory, done)],
});

/** Drops what has no effect any more. */
const forget = (memory: Memory, at: Instant, { cooldownMs }: AdvisorSettings): Memory => ({
  ...memory,
  muted: memory.muted.filter(({ until }) => until > at),
  done: memory.done.filter((done) => at - done.at < Math.max(cooldownMs, actionsKeptMs)),
});

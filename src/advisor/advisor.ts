import type { AdviceAction, NotAdvised, Recommendation } from '../protocol/advice.ts';
import { bySeverity } from '../protocol/severity.ts';
import type { Instant } from '../protocol/units.ts';
import { diagnose } from './diagnose.ts';
import { identify } from './identify.ts';
import { learn } from './learn.ts';
import type { Direction, Done, Memory } from './memory.ts';
import { type Draft, isDraft } from './rules/draft.ts';
import { type AdvisorSettings, clearAfterMs, dismissedForMs, distrustMs } from './settings.ts';
import { machineOf, type Situation, situationOf } from './situation.ts';
import { isDue, toOutcome, toWaiting, type Verdict, verdictOn } from './verify.ts';
import type { View } from './view.ts';

export type Change = {
  readonly kind: 'opened' | 'cleared';
  readonly recommendation: Recommendation;
};

export type Advised = {
  readonly memory: Memory;
  readonly recommendations: readonly Recommendation[];
  readonly notAdvised: readonly NotAdvised[];
  readonly verified: readonly Verdict[];
  readonly changes: readonly Change[];
};

/** Without so many seconds of a service there is no verdict on it. */
const enoughSeconds = 3;

/** One second: what was seen, what follows from it, and what has become of earlier advice. */
export const advise = (before: Memory, view: View, settings: AdvisorSettings): Advised => {
  const learned = learn(before, view, settings);
  const { memory, verified } = settle(learned, view);
  const machine = machineOf(view, memory);
  const said = view.services.flatMap((service) =>
    judge(service.service, {
      situation: situationOf(service, { view, memory, settings, machine }),
      now: { memory, settings, at: view.at },
    }),
  );
  const found = new Map<string, Found>();
  for (const each of said) {
    if ('draft' in each) {
      const key = `${each.draft.service} ${each.draft.action}`;
      if (!found.has(key)) found.set(key, each);
    }
  }
  const notAdvised = said.filter((each): each is NotAdvised => 'because' in each);
  return { ...keep(memory, [...found.values()], view.at), notAdvised, verified };
};

type Judged = { readonly situation: Situation | undefined; readonly now: Now };

/** At most one thing is said of a service: a draft, or why not. */
const judge = (service: string, { situation, now }: Judged): readonly (Found | NotAdvised)[] => {
  if (situation === undefined || situation.history.points.length < enoughSeconds) {
    return [{ service, action: 'scale_up', because: 'not enough data yet' }];
  }
  const said = diagnose(situation);
  if (said === undefined) return [];
  const because = isDraft(said) ? silence(said, now) : said.because;
  if (because !== undefined) return [{ service, action: said.action, because }];
  return isDraft(said) ? [{ draft: said, situation }] : [];
};

/** Not again for a while, unless it is lifted by the operator's own action. */
export const dismiss = (memory: Memory, id: string, at: Instant): Memory => {
  const open = memory.open.find(({ recommendation }) => recommendation.id === id);
  if (open === undefined) return memory;
  const { service, action, severity } = open.recommendation;
  const until = (at + dismissedForMs) as Instant;
  return {
    ...memory,
    open: memory.open.filter((each) => each !== open),
    muted: [...memory.muted, { service, action, severity, until }],
  };
};

/** The cooldown begins when an action is done, and so does the time until its verdict. */
export const actionDone = (memory: Memory, done: Done): Memory => ({
  ...memory,
  open: memory.open.filter(({ recommendation }) => recommendation.service !== done.service),
  done: [...memory.done, { ...done, cores: memory.services[done.service]?.queue?.load ?? 0 }],
  waiting: [...memory.waiting, toWaiting(memory, done)],
});

const settle = (
  memory: Memory,
  view: View,
): { readonly memory: Memory; readonly verified: readonly Verdict[] } => {
  const due = memory.waiting.filter((waiting) => isDue(waiting, view.at));
  if (due.length === 0) return { memory, verified: [] };
  const verdicts = due.map((waiting) => ({ waiting, verdict: verdictOn(waiting, memory, view) }));
  const outcomes = verdicts.flatMap(({ waiting, verdict }) => toOutcome(waiting, verdict, view.at));
  return {
    memory: {
      ...memory,
      waiting: memory.waiting.filter((waiting) => !due.includes(waiting)),
      outcomes: [...memory.outcomes, ...outcomes].slice(-200),
    },
    verified: verdicts.map(({ verdict }) => verdict),
  };
};

const directionOf = (action: AdviceAction): Direction => {
  if (action === 'scale_up') return 'up';
  return action === 'scale_down' ? 'down' : 'other';
};

type Now = {
  readonly memory: Memory;
  readonly settings: AdvisorSettings;
  readonly at: Instant;
};

/** Why true advice is kept back: just acted, still being verified, dismissed, or of no use before. */
const silence = ({ service, action }: Draft, { memory, settings, at }: Now): string | undefined => {
  if (
    memory.muted.some(
      (mute) => mute.service === service && mute.action === action && mute.until > at,
    )
  ) {
    return 'it was dismissed';
  }
  if (memory.waiting.some((waiting) => waiting.service === service)) {
    return 'the effect of the last action is being measured';
  }
  const last = memory.done.findLast((done) => done.service === service);
  if (last !== undefined && at - last.at < settings.cooldownMs) {
    const isUpAgain = directionOf(action) === 'up' && last.direction === 'up';
    if (!isUpAgain) return `cooldown after an action ${Math.round((at - last.at) / 1_000)} s ago`;
  }
  const failed = memory.outcomes.findLast(
    (each) => each.service === service && each.action === action,
  );
  return failed !== undefined && !failed.helped && at - failed.at < distrustMs
    ? 'it did not help the last time'
    : undefined;
};

type Found = { readonly draft: Draft; readonly situation: Situation };

/** Advice keeps its identity and its age while its evidence holds, and a little longer. */
const keep = (
  memory: Memory,
  found: readonly Found[],
  at: Instant,
): Pick<Advised, 'memory' | 'recommendations' | 'changes'> => {
  let { cases } = memory;
  const seen = found.map(({ draft, situation }) => {
    const known = memory.open.find(
      ({ recommendation: { service, action } }) =>
        service === draft.service && action === draft.action,
    );
    if (known === undefined) cases += 1;
    const recommendation = identify(draft, situation, {
      known: known?.recommendation,
      number: cases,
      outcomes: memory.outcomes,
    });
    return { recommendation, seenAt: at };
  });
  const ids = new Set(seen.map(({ recommendation }) => recommendation.id));
  const fading = memory.open.filter(
    ({ recommendation, seenAt }) => !ids.has(recommendation.id) && at - seenAt < clearAfterMs,
  );
  const open = [...seen, ...fading].toSorted((a, b) =>
    bySeverity(a.recommendation.severity, b.recommendation.severity),
  );
  const before = new Set(memory.open.map(({ recommendation }) => recommendation.id));
  const after = new Set(open.map(({ recommendation }) => recommendation.id));
  return {
    memory: { ...memory, cases, open },
    recommendations: open.map(({ recommendation }) => recommendation),
    changes: [
      ...open
        .filter(({ recommendation }) => !before.has(recommendation.id))
        .map(({ recommendation }) => ({ kind: 'opened' as const, recommendation })),
      ...memory.open
        .filter(({ recommendation }) => !after.has(recommendation.id))
        .map(({ recommendation }) => ({ kind: 'cleared' as const, recommendation })),
    ],
  };
};

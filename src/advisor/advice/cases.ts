import type { Recommendation } from '../../protocol/advice.ts';
import { bySeverity } from '../../protocol/severity.ts';
import type { Instant } from '../../protocol/units.ts';
import type { Found, Judged } from '../judge.ts';
import type { Memory, OpenAdvice } from '../memory/memory.ts';
import { type Confidence, confidenceAfter } from '../model/confidence.ts';
import { byLoad } from '../rules/scale-ahead.ts';
import { asItStays } from './as-it-stays.ts';
import { identify, isSame, toId } from './identify.ts';
import { steadied } from './resize.ts';
import { goneFor, isAtEase, isMoreUrgent, staysFor, turnedAs, turnFrom } from './turn.ts';

export type Change = {
  readonly kind: 'opened' | 'cleared';
  readonly recommendation: Recommendation;
};

export type Kept = {
  readonly memory: Memory;
  readonly recommendations: readonly Recommendation[];
  readonly changes: readonly Change[];
};

/**
 * Advice keeps its identity and its age while its evidence holds, and a little longer. A service
 * has one piece of advice: another takes its place when it is gone, or at once if it is more urgent
 * or follows from the load, which does not wait.
 */
export const keep = (memory: Memory, judged: Judged, at: Instant): Kept => {
  const now: Now = { memory, judged, at, confidence: confidenceAfter(memory.outcomes) };
  const found = Map.groupBy(judged.found, ({ draft }) => draft.service);
  const staying = memory.open
    .map((open) => renewed(open, found.get(open.recommendation.service) ?? [], now))
    .filter((open) => open !== undefined);
  for (const { recommendation } of staying) found.delete(recommendation.service);
  const fresh = [...found.values()].flatMap((own) => own.toSorted(byWeight).slice(0, 1));
  const opened = openAll(fresh.toSorted(byWeight), now);
  // Of equals, what is to be seen now is before what only stays.
  const open = [...staying, ...opened.advice].toSorted(
    (a, b) =>
      bySeverity(a.recommendation.severity, b.recommendation.severity) || b.seenAt - a.seenAt,
  );
  return {
    memory: { ...memory, cases: opened.cases, open },
    recommendations: open.map(({ recommendation }) => recommendation),
    changes: [
      ...toChanges('opened', opened.advice),
      ...toChanges('cleared', gone(memory.open, staying)),
    ],
  };
};

type Now = {
  readonly memory: Memory;
  readonly judged: Judged;
  readonly at: Instant;
  readonly confidence: Confidence;
};

const byWeight = (a: Found, b: Found): number => bySeverity(a.severity, b.severity);

/** Advice as it is now, or nothing when it is over. */
const renewed = (
  open: OpenAdvice,
  own: readonly Found[],
  { memory, judged, at, confidence }: Now,
): OpenAdvice | undefined => {
  const { service } = open.recommendation;
  const same = own.find(({ draft }) => isSame(draft, open));
  if (same !== undefined) {
    const { found, ...resizing } = steadied(same, open, at);
    const recommendation = identify(found, open.recommendation, confidence);
    const { about } = open;
    return { recommendation, about, seenAt: at, ...turnedAs(open, same.severity, at), ...resizing };
  }
  // What follows from the load alone is as old as the load.
  if (open.about === byLoad) return undefined;
  if (judged.unknown.has(service)) return { ...open, unknownAt: at };
  const isOutdone = own.some(
    (found) => found.draft.about === byLoad || isMoreUrgent(found.severity, open, at),
  );
  if (!isOutdone && goneFor(open, at) < staysFor(open, own)) {
    return own.length === 0 ? open : { ...open, caseAt: at };
  }
  return !isOutdone && own.every(isAtEase) && judged.staying.has(open.recommendation.id)
    ? asItStays(open, memory.services[service], at)
    : undefined;
};

/** New cases; one whose id is in use counts on. */
const openAll = (
  fresh: readonly Found[],
  { memory, at, confidence }: Now,
): { readonly advice: readonly OpenAdvice[]; readonly cases: number } => {
  let { cases } = memory;
  if (fresh.length === 0) return { advice: [], cases };
  const ids = new Set(memory.open.map(({ recommendation }) => recommendation.id));
  const before = new Map(memory.open.map((open) => [open.recommendation.service, open]));
  const advice = fresh.map((found): OpenAdvice => {
    do cases += 1;
    while (ids.has(toId(found.draft, cases)));
    const id = toId(found.draft, cases);
    ids.add(id);
    const identity = { id, since: new Date(at).toISOString() };
    return {
      recommendation: identify(found, identity, confidence),
      about: found.draft.about ?? '',
      seenAt: at,
      ...turnFrom(before.get(found.draft.service), found.severity, at),
    };
  });
  return { advice, cases };
};

const gone = (
  before: readonly OpenAdvice[],
  after: readonly OpenAdvice[],
): readonly OpenAdvice[] => {
  if (before.length === after.length) return [];
  const ids = new Set(after.map(({ recommendation }) => recommendation.id));
  return before.filter(({ recommendation }) => !ids.has(recommendation.id));
};

const toChanges = (kind: Change['kind'], advice: readonly OpenAdvice[]): readonly Change[] =>
  advice.map(({ recommendation }) => ({ kind, recommendation }));

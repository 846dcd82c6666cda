import type { Recommendation } from '../protocol/advice.ts';
import { bySeverity, worst } from '../protocol/severity.ts';
import type { Instant } from '../protocol/units.ts';
import { identify, isSame, toId } from './identify.ts';
import type { Found, Judged } from './judge.ts';
import type { Memory, OpenAdvice } from './memory.ts';
import { byLoad } from './rules/scale-ahead.ts';
import { clearAfterMs } from './settings.ts';

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
  const found = Map.groupBy(judged.found, ({ draft }) => draft.service);
  const staying = memory.open.flatMap((open) => {
    const own = found.get(open.recommendation.service) ?? [];
    return renewed(open, own, { memory, judged, at });
  });
  const taken = new Set(staying.map(({ recommendation }) => recommendation.service));
  const fresh = new Map<string, Found>();
  for (const found of judged.found.toSorted((a, b) => bySeverity(a.severity, b.severity))) {
    const { service } = found.draft;
    if (!taken.has(service) && !fresh.has(service)) fresh.set(service, found);
  }
  const opened = openAll([...fresh.values()], { memory, at });
  const open = [...staying, ...opened.advice].toSorted((a, b) =>
    bySeverity(a.recommendation.severity, b.recommendation.severity),
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

type Now = { readonly memory: Memory; readonly judged: Judged; readonly at: Instant };

/** Advice as it is now, or nothing when it is over. */
const renewed = (
  open: OpenAdvice,
  own: readonly Found[],
  { memory, judged, at }: Now,
): readonly OpenAdvice[] => {
  const { service, severity } = open.recommendation;
  const same = own.find(({ draft }) => isSame(draft, open));
  if (same !== undefined) {
    const known = open.recommendation;
    return [{ ...open, recommendation: identify(same, known, memory.outcomes), seenAt: at }];
  }
  // What follows from the load alone is as old as the load.
  if (open.about === byLoad) return [];
  if (judged.unknown.includes(service)) return [{ ...open, seenAt: at }];
  const isOutdone = own.some(
    (found) => found.draft.about === byLoad || worst([found.severity, severity]) !== severity,
  );
  return isOutdone || at - open.seenAt >= clearAfterMs ? [] : [open];
};

/** New cases; one whose id is in use counts on. */
const openAll = (
  fresh: readonly Found[],
  { memory, at }: Omit<Now, 'judged'>,
): { readonly advice: readonly OpenAdvice[]; readonly cases: number } => {
  const ids = new Set(memory.open.map(({ recommendation }) => recommendation.id));
  let { cases } = memory;
  const advice = fresh.map((found): OpenAdvice => {
    do cases += 1;
    while (ids.has(toId(found.draft, cases)));
    const id = toId(found.draft, cases);
    ids.add(id);
    const identity = { id, since: new Date(at).toISOString() };
    return {
      recommendation: identify(found, identity, memory.outcomes),
      about: found.draft.about ?? '',
      seenAt: at,
    };
  });
  return { advice, cases };
};

const gone = (
  before: readonly OpenAdvice[],
  after: readonly OpenAdvice[],
): readonly OpenAdvice[] => {
  const ids = new Set(after.map(({ recommendation }) => recommendation.id));
  return before.filter(({ recommendation }) => !ids.has(recommendation.id));
};

const toChanges = (kind: Change['kind'], advice: readonly OpenAdvice[]): readonly Change[] =>
  advice.map(({ recommendation }) => ({ kind, recommendation }));

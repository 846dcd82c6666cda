import type { Situation } from '../situation.ts';
import type { ServiceView } from '../view.ts';
import { whoAnswersFor } from './answer-for.ts';
import { type Calls, callsOf, totalOf } from './calls.ts';
import { mayBlame } from './circle.ts';
import { listOf, type Rule, round } from './draft.ts';

/** So much of the extra time is the callees': the case is theirs as well. */
export const calleeShare = 0.4;

/**
 * A caller is not to blame for callees that take longer, unless its own loop is full, nor is its case
 * anybody's whom nobody looks at. That it calls them more often is its own doing, and so is what lies
 * between the two: `investigateCalls` tells that. Decides nothing about a callee.
 */
export const delegate: Rule = (situation) => {
  if (situation.hot || !situation.slow) return undefined;
  const calls = callsOf(situation);
  if (totalOf(calls, ['more']) >= calleeShare) return undefined;
  const blamed = calls.flatMap((one) => {
    const of = answerFor(one, situation);
    return of === undefined ? [] : [{ ...one, of }];
  });
  const share = totalOf(blamed, ['slower']);
  if (share < calleeShare) return undefined;
  const most = blamed.filter(({ slower }) => slower >= worthNaming * share);
  const names = most.map(({ callee }) => callee);
  const others = most.map(({ of }) => of).filter((of) => !names.includes(of));
  const see = others.length === 0 ? '' : `, see ${listOf([...new Set(others)])}`;
  const who = names.length === 1 ? 'its dependency' : 'its dependencies';
  return {
    action: 'scale_up',
    because: `latency is that of ${who} ${listOf(names)} (${round(share * 100)} %)${see}`,
    of: most[0]?.of ?? names[0] ?? '',
  };
};

/** Of what is blamed on all of them. */
const worthNaming = 0.1;

const answerFor = ({ callee, slower }: Calls, situation: Situation): string | undefined => {
  if (slower <= 0) return undefined;
  const { service, services } = situation;
  const seen = services.get(callee);
  if (seen === undefined || !mayBlame(service, services, ownMsPerSecond)(seen)) return undefined;
  return whoAnswersFor(callee, situation);
};

/** Its requests' time that no service has that it calls. */
const ownMsPerSecond = ({ split, completionsPerSecond }: ServiceView): number =>
  (split.cpuMs + split.loopWaitMs + split.externalMs) * completionsPerSecond;

import { trusted } from '../history/calm.ts';
import type { Situation } from '../situation.ts';
import { type Calls, callsOf, shareOf, totalOf } from './calls.ts';
import { calleeShare } from './delegate.ts';
import { countOf, type Draft, listOf, pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { isShortOfMachine } from './shortage.ts';
import { atMostWithoutCalm, isStillSlow, ownLines, timeOf } from './since-when.ts';

/** Of the calls' part of the extra time. */
const worthNaming = 0.1;

/**
 * Time that goes by in calls of others, and is nobody else's case: it calls too often, or something
 * lies between it and a callee that answers in time, or the callee is where nobody looks, or within
 * its own lines. Does not say whose fault that is; comes after `delegate`, which knows whose it is.
 */
export const investigateCalls: Rule = (situation) => {
  const { service, hot, slow } = situation;
  if (hot || !slow || !isStillSlow(situation) || isShortOfMachine(situation)) return undefined;
  const calls = callsOf(situation);
  const [most] = calls;
  const share = totalOf(calls);
  if (most === undefined || share < calleeShare) return undefined;
  const named = calls.filter((one) => shareOf(one) >= worthNaming * share);
  const percent = round(share * 100);
  const { why, steps } = findingOf(most, situation);
  return investigate(service.service, {
    about: 'calls',
    ...atMostWithoutCalm(situation),
    reason: `${pressureOf(situation)}: ${percent} % of ${timeOf(situation)} is spent on calls of ${listOf(named.map(({ callee }) => callee))}; ${why}`,
    strength: Math.min(1, share),
    details: {
      callees: named.map(({ callee }) => callee),
      callsPercent: percent,
      ...(most.perRequest !== undefined && { callsPerRequest: round(most.perRequest, 1) }),
      waitPerCallMs: round(most.waitMs, 1),
      ...(most.takesMs !== undefined && { calleeMs: round(most.takesMs, 1) }),
    },
    steps: [...steps, ...ownLines(situation)],
  });
};

type Finding = { readonly why: string; readonly steps: Draft['steps'] };

const findingOf = (one: Calls, situation: Situation): Finding => {
  const { callee, slower, more, between, takesMs } = one;
  const seen = situation.services.get(callee);
  if (seen?.workers === 0) {
    return {
      why: `none of the workers of ${callee} is ready`,
      steps: [`Look at why: \`forge logs ${callee}\``],
    };
  }
  if (more >= Math.max(slower, between)) return tooMany(one, situation);
  if (seen === undefined || takesMs === undefined) return elsewhere(one);
  return between > slower ? onTheWay(one, takesMs) : within(one, { takesMs, situation });
};

const tooMany = (one: Calls, { history }: Situation): Finding => {
  const { callee, perRequest, usuallyPerRequest = 0, takesMs } = one;
  const usual =
    trusted(history.calm) === undefined ? '' : ` (usually ${round(usuallyPerRequest, 1)})`;
  const count = perRequest === undefined ? 'its calls' : countOf(round(perRequest, 1), 'call');
  const answer = takesMs === undefined ? '' : ` in ${round(takesMs, 1)} ms`;
  return {
    why: `it makes ${count} of ${callee} for each request${usual}, and ${callee} answers each as usual${answer}`,
    steps: [
      `Ask ${callee} once for many, instead of once for each`,
      'Make calls that do not need each other at the same time, or keep what was answered',
    ],
  };
};

const elsewhere = (one: Calls): Finding => ({
  why: `${one.callee} runs elsewhere, and ${waitOf(one)}`,
  steps: [
    `Look at ${one.callee} where it runs, and at the network between`,
    'Give its calls a deadline, and do without an answer that does not come',
  ],
});

const onTheWay = (one: Calls, takesMs: number): Finding => ({
  why: `${waitOf(one)}, and ${one.callee} itself takes ${round(takesMs, 1)} ms for it`,
  steps: [
    `Look between the two: the network, the size of the answers, a proxy, retries`,
    `Look at which methods it calls: the ${round(takesMs, 1)} ms are a mean of all that ${one.callee} is asked`,
  ],
});

type Within = { readonly takesMs: number; readonly situation: Situation };

const within = (one: Calls, { takesMs, situation }: Within): Finding => {
  const { callee } = one;
  const calm = trusted(situation.known[callee]?.calm);
  const its = situation.caseOf(callee);
  const because = its.status === 'none' && its.because !== undefined ? ` (${its.because})` : '';
  return {
    why: `${waitOf(one)}, and nothing is advised of ${callee}, which takes ${round(takesMs, 1)} ms${because}`,
    steps: [
      `Look at what ${callee} waits for: \`forge explain ${callee}\``,
      ...(calm === undefined ? [] : ['Call it less often, or at the same time as others']),
    ],
  };
};

const waitOf = ({ waitMs, usualWaitMs }: Calls): string => {
  const usual = usualWaitMs === undefined ? '' : ` (usually ${round(usualWaitMs, 1)})`;
  return `a call takes ${round(waitMs, 1)} ms${usual}`;
};

import { areUnanswered, type Situation, sharesOf } from '../situation.ts';
import { besides } from './besides.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { isShortOfMachine } from './shortage.ts';
import { atMostWithoutCalm, ownLines, timeOf } from './since-when.ts';

export const externalShare = 0.5;
export const externalCause = 'external';

/**
 * Time that neither its code, nor the loop, nor another service explains is spent outside. Does
 * not say where: a database, another host and a pool that is too small look the same.
 */
export const investigateExternal: Rule = (situation) => {
  const { service, hot, slow, history, thresholds } = situation;
  if (hot || !slow) return undefined;
  const { external } = sharesOf(situation);
  if (external < externalShare) return undefined;
  // On a machine without a free core an answer from outside waits for the process to run.
  const isLong = history.split.externalMs >= thresholds.latencyP99.warning;
  if (isShortOfMachine(situation) && !isLong) return undefined;
  const percent = round(external * 100);
  return investigate(service.service, {
    about: externalCause,
    ...atMostWithoutCalm(situation),
    reason: `${pressureOf(situation)} while its CPU is ${round(service.cpuPerWorker)} %: ${percent} % of ${timeOf(situation)} is spent waiting outside the app${unanswered(situation)}${besides(situation, ['external'])}`,
    strength: external,
    details: { externalMs: round(history.split.externalMs, 1), externalPercent: percent },
    steps: [
      'Look at the slowest database or HTTP call of this service',
      'Check the size of its connection pool, an index, or a cache',
      ...ownLines(situation),
    ],
  });
};

const unanswered = (situation: Situation): string =>
  areUnanswered(situation) ? ', and hardly a request is answered' : '';

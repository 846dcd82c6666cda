import { type Situation, sharesOf } from '../situation.ts';
import { hasLasted } from './answer-for.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { atMostWithoutCalm, isStillSlow, timeOf } from './since-when.ts';

export const unexplainedCause = 'unexplained';

/**
 * What is critical for long is told, also when no other rule knows why: silence would say that all
 * is well. Says where the time goes, and decides nothing.
 */
export const investigateUnexplained: Rule = (situation) => {
  const { service, slow, evidence } = situation;
  const isCritical = evidence.some(({ value, critical }) => value >= critical);
  if (!isCritical || !hasLasted(situation) || (slow && !isStillSlow(situation))) return undefined;
  return investigate(service.service, {
    about: unexplainedCause,
    ...(slow && atMostWithoutCalm(situation)),
    reason: `${pressureOf(situation)}, and neither more workers nor another service explain that: of ${timeOf(situation)} ${wherePercent(situation)}`,
    strength: 0.3,
    details: {},
    steps: [
      `Look at its slowest requests: \`forge explain ${service.service} --slow\``,
      `Look at what it wrote: \`forge logs ${service.service}\``,
    ],
  });
};

const wherePercent = (situation: Situation): string => {
  const { cpu, loopWait, external, downstream } = sharesOf(situation);
  const called = Object.values(downstream).reduce((sum, each) => sum + each, 0);
  const parts = [
    [cpu, 'its own code'],
    [loopWait, 'wait for its loop'],
    [external, 'wait outside the app'],
    [called, 'calls of others'],
  ] as const;
  return parts.map(([share, what]) => `${round(share * 100)} % is ${what}`).join(', ');
};

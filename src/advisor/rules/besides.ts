import { type Situation, sharesOf } from '../situation.ts';
import { listOf, round } from './draft.ts';

/** A smaller part of the extra time than this is not worth a word. */
export const besidesShare = 0.2;

type Part = 'cpu' | 'loopWait' | 'external' | 'downstream';

/** What else the extra time goes into, when two causes act at once; as the end of a sentence. */
export const besides = (situation: Situation, told: readonly Part[]): string => {
  if (!situation.slow) return '';
  const { cpu, loopWait, external, downstream } = sharesOf(situation);
  const called = Object.entries(downstream).map(([callee, share]): [Part, number, string] => [
    'downstream',
    share,
    `waits for ${callee}`,
  ]);
  const parts: readonly [Part, number, string][] = [
    ['cpu', cpu, 'is its own code'],
    ['loopWait', loopWait, 'waits for its loop'],
    ['external', external, 'waits outside the app'],
    ...called,
  ];
  const others = parts
    .filter(([part, share]) => !told.includes(part) && share >= besidesShare)
    .toSorted(([, a], [, b]) => b - a)
    .map(([, share, what]) => `${round(share * 100)} % of the extra time ${what}`);
  return others.length === 0 ? '' : `; ${listOf(others)}`;
};

import type { SlowCalls } from '../../protocol/slow-calls.ts';
import { describeSlow } from '../plain/describe-slow.ts';
import { insideOf, scrolledBox } from './box.ts';
import { type Line, toned } from './line.ts';
import type { WhyOptions } from './why.ts';

/** The slowest calls of a service: the same text as `forge explain NAME --slow` prints. */
export const slowRows = (slow: SlowCalls, options: WhyOptions): readonly string[] => {
  const [, ...text] = describeSlow(slow, insideOf(options.width)).trimEnd().split('\n');
  const lines = text.map((line): Line => [line]);
  const title = [toned('bold', 'SLOW CALLS'), `  ${slow.service}, of the last minute`];
  return scrolledBox({ title, lines, foot: options.foot }, options);
};

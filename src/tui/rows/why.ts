import type { Explanation } from '../../protocol/explanation.ts';
import { describeExplanation } from '../plain/describe-explanation.ts';
import type { Area } from './beside.ts';
import { insideOf, scrolledBox } from './box.ts';
import { type Line, toned } from './line.ts';

export type WhyOptions = Area & {
  /** Lines that are scrolled over. */
  readonly from: number;
  readonly foot: Line;
};

/** How the advisor comes to what it says: the same text as `forge explain` prints. */
export const whyRows = (explanation: Explanation, options: WhyOptions): readonly string[] => {
  const text = describeExplanation(explanation, insideOf(options.width)).trimEnd();
  const lines = text.split('\n').map((line): Line => [line]);
  const title = [toned('bold', 'WHY'), `  ${explanation.service}`];
  return scrolledBox({ title, lines, foot: options.foot }, options);
};

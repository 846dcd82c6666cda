import type { Snapshot } from '../../protocol/control/messages.ts';
import { glyphsOf } from '../glyphs.ts';
import { asideOf } from './advisor.ts';
import type { Area } from './beside.ts';
import { filledBox } from './box.ts';
import { type Line, toned } from './line.ts';

export type AdviceListOptions = Area & { readonly index: number };

/** All advice, a line each; the one that is read has the pointer. */
export const adviceList = (snapshot: Snapshot, options: AdviceListOptions): readonly string[] => {
  const { recommendations } = snapshot.advice;
  const { index, theme, rows } = options;
  const from = Math.max(0, index - Math.max(0, rows - 3));
  const lines = recommendations
    .slice(from)
    .map(
      (advice, place): Line => [
        from + place === index ? toned('key', glyphsOf(theme).pointer) : ' ',
        toned('key', `#${from + place + 1} `.padEnd(4)),
        toned(advice.severity, glyphsOf(theme)[advice.severity]),
        ` ${advice.action.padEnd(12)}${advice.service.slice(0, 16).padEnd(17)}`,
        toned('dim', `${(advice.confidence * 100).toFixed(0)}%`),
      ],
    );
  return filledBox(
    {
      title: [toned('bold', `ADVISOR ${index + 1}/${recommendations.length}`)],
      aside: [asideOf(snapshot)],
      lines,
    },
    options,
  );
};

import { hintsOf, sections } from '../keys.ts';
import { describeExplanation } from '../plain/describe-explanation.ts';
import { describeSlow } from '../plain/describe-slow.ts';
import type { Area } from '../rows/beside.ts';
import { besideCorners, insideOf, scrolledBox } from '../rows/box.ts';
import { helpLines } from '../rows/help.ts';
import { type Line, toned } from '../rows/line.ts';
import { type State, said } from '../state/state.ts';
import type { Dialog } from '../state/view.ts';
import { fittingHints, nameOf } from './footer.ts';
import { bodyRoom, type Size } from './size.ts';

/** A text that one scrolls through. */
export type Reading = Extract<Dialog, { readonly from: number }>;

const titleOf = (dialog: Reading): Line => {
  switch (dialog.type) {
    case 'help':
      return [toned('bold', 'KEYS')];
    case 'why':
      return [toned('bold', 'WHY'), `  ${dialog.explanation.service}`];
    case 'slow':
      return [toned('bold', 'SLOW CALLS'), `  ${dialog.slow.service}, of the last minute`];
  }
};

const asLines = (text: readonly string[]): readonly Line[] => text.map((line): Line => [line]);

/** What is said of a service is the same text as `forge explain` prints. */
const linesOf = (state: State, dialog: Reading, columns: number): readonly Line[] => {
  const width = insideOf(columns);
  switch (dialog.type) {
    case 'help':
      return helpLines(sections, { width, nameOf: (key) => nameOf(state, key) });
    case 'why':
      return asLines(describeExplanation(dialog.explanation, width).trimEnd().split('\n'));
    case 'slow':
      return asLines(describeSlow(dialog.slow, width).trimEnd().split('\n').slice(1));
  }
};

export const readingRows = (state: State, dialog: Reading, area: Area): readonly string[] => {
  const lines = linesOf(state, dialog, area.width);
  const isAll = lines.length <= area.rows - 2;
  const keys = hintsOf(state).filter(({ label }) => !isAll || label === 'close');
  const foot = fittingHints(keys, state, besideCorners(area.width));
  return scrolledBox({ title: titleOf(dialog), lines, foot }, { ...area, from: dialog.from });
};

/** Nobody scrolls past the end: the way back would begin with keys that seem to do nothing. */
export const settled = (state: State, { columns, rows }: Size): State => {
  const { dialog } = state;
  if (!('from' in dialog)) return state;
  const room = Math.max(1, bodyRoom(state, rows) - 2);
  const last = Math.max(0, linesOf(state, dialog, columns).length - room);
  return dialog.from <= last
    ? state
    : said({ ...state, dialog: { ...dialog, from: last } }, 'the last line is on the screen');
};

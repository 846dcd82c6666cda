import type { AdviceAction } from '../../protocol/advice.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { standbyText } from '../../protocol/standby.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import { paintSelected } from '../theme.ts';
import { type Column, columns, type Drawing } from './columns.ts';
import { draw, type Frame, type Line, lengthOf, type Piece, toned, toWidth } from './line.ts';

/** Pointer, mark and a blank. */
const lead = 3;
const adviceWidth = 15;

/** The columns that fit, the least needed left out first. */
const chooseFor = (width: number): readonly Column[] => {
  let room = width - lead - adviceWidth;
  const kept = new Set<Column>();
  for (const column of columns.toSorted((a, b) => a.drop - b.drop)) {
    if (column.width + 1 > room) break;
    room -= column.width + 1;
    kept.add(column);
  }
  return columns.filter((column) => kept.has(column));
};

const chosen = new Map<number, readonly Column[]>();

/** Chosen once for a width, and not for each row. */
const columnsFor = (width: number): readonly Column[] => {
  const known = chosen.get(width) ?? chooseFor(width);
  chosen.set(width, known);
  return known;
};

const aligned = (line: Line, { width, align }: Column, { theme }: Pick<Frame, 'theme'>): Line => {
  const free = ' '.repeat(Math.max(0, width - lengthOf(line)));
  return [...toWidth(align === 'right' ? [free, ...line] : line, { width, theme }), ' '];
};

const titleOf = ({ title, width, align, marked }: Column): string =>
  align === 'right'
    ? `${`${title}${marked ? ' ' : ''}`.padStart(width)} `
    : `${title.padEnd(width)} `;

export const tableHead = (frame: Frame): string => {
  const titles = columnsFor(frame.width).map(titleOf).join('');
  return draw([toned('dim', `${' '.repeat(lead)}${titles}ADVICE`)], frame);
};

const saving: readonly AdviceAction[] = ['scale_down', 'colocate'];

/** How it is; of one that is well, whether it has more than it needs. */
const markOn = ({ name, severity }: ServiceStatus, { snapshot, theme }: Drawing): Piece => {
  const glyphs = glyphsOf(theme);
  const isIdle =
    severity === 'ok' &&
    snapshot.advice.recommendations.some(
      ({ service, action }) => service === name && saving.includes(action),
    );
  return isIdle ? toned('dim', glyphs.idle) : toned(severity, glyphs[severity]);
};

/** What is to say of a service: why it is not ready, else the advice on it. */
const noteOn = ({ name, status, reason, workers }: ServiceStatus, { snapshot }: Drawing): Line => {
  if (status !== 'ready') {
    const why = reason === undefined ? '' : `: ${spoken(reason)}`;
    return [toned(status === 'failed' ? 'critical' : 'warning', status), why];
  }
  const { recommendations } = snapshot.advice;
  const index = recommendations.findIndex(({ service }) => service === name);
  const advice = recommendations[index];
  if (advice === undefined) return [toned('dim', standbyText(workers))];
  return [toned('key', `#${index + 1} ${advice.action}`)];
};

export type RowOptions = Frame & {
  readonly selected: boolean;
  readonly isMarked?: boolean;
  readonly isPinned?: boolean;
};

export const serviceRow = (
  service: ServiceStatus,
  drawing: Drawing,
  { selected, isMarked, isPinned, ...frame }: RowOptions,
): string => {
  const glyphs = glyphsOf(frame.theme);
  const cells = columnsFor(frame.width).flatMap((column) =>
    aligned(column.cell(service, drawing), column, frame),
  );
  const row = draw(
    [
      selected ? glyphs.pointer : ' ',
      markOn(service, drawing),
      isMarked === true
        ? toned('key', glyphs.mark)
        : isPinned === true
          ? toned('key', glyphs.pin)
          : ' ',
      ...cells,
      ...noteOn(service, drawing),
    ],
    frame,
  );
  return selected ? paintSelected(frame.theme, row) : row;
};

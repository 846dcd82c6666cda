import type { ServiceStatus } from '../../protocol/metrics.ts';
import { bySeverity } from '../../protocol/severity.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Area } from './beside.ts';
import type { Drawing } from './columns.ts';
import { draw, type Piece, toned } from './line.ts';
import { serviceRow } from './table.ts';

export type ServicesOptions = Area &
  Pick<Drawing, 'snapshot'> & {
    readonly selected: number;
    readonly marks: readonly string[];
    readonly pins: readonly string[];
  };

/** With fewer rows no service gives up its own. */
const leastRows = 3;

/**
 * The table turns by whole pages: while the selection moves inside of one, nothing else does. What
 * there is no room for is counted, and named where it is in trouble.
 */
export const serviceRows = (
  services: readonly ServiceStatus[],
  options: ServicesOptions,
): readonly string[] => {
  const { rows, selected, marks, pins, snapshot, ...frame } = options;
  const isWhole = services.length <= rows || rows < leastRows;
  const page = Math.max(1, isWhole ? rows : rows - 1);
  const last = Math.max(0, services.length - page);
  const first = Math.min(Math.floor(selected / page) * page, last);
  const shown = services.slice(first, first + page).map((service, index) =>
    serviceRow(
      service,
      { snapshot, theme: frame.theme },
      {
        ...frame,
        selected: first + index === selected,
        isMarked: marks.includes(service.name),
        isPinned: pins.includes(service.name),
      },
    ),
  );
  if (isWhole) return shown.slice(0, rows);
  return [...shown, hiddenRow(services.toSpliced(first, page), options)];
};

const hiddenRow = (hidden: readonly ServiceStatus[], { width, theme }: Area): string => {
  const glyphs = glyphsOf(theme);
  const troubled = hidden
    .filter(({ severity }) => severity !== 'ok')
    .toSorted((a, b) => bySeverity(a.severity, b.severity));
  const count = `   ${hidden.length} more${troubled.length === 0 ? ', all of them fine' : ':'}`;
  const names: Piece[] = [];
  let used = count.length;
  for (const [index, { name, severity }] of troubled.entries()) {
    const text = `  ${glyphs[severity]} ${name}`;
    const isLast = index === troubled.length - 1;
    if (used + text.length + (isLast ? 0 : othersWidth) > width) break;
    used += text.length;
    names.push(toned(severity, text));
  }
  const others = troubled.length - names.length;
  const rest = others === 0 ? '' : `  +${others}`;
  return draw([toned('dim', count), ...names, rest], { width, theme });
};

/** `  +123`: those in trouble whose names have no room. */
const othersWidth = 6;

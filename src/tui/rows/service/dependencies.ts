import type { Snapshot } from '../../../protocol/control/messages.ts';
import type { CallFigures, Inspection } from '../../../protocol/inspection.ts';
import type { ServiceStatus } from '../../../protocol/metrics.ts';
import { severityOf } from '../../../protocol/thresholds.ts';
import { glyphsOf } from '../../glyphs.ts';
import type { Area, Part } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { count, latency } from '../figures.ts';
import { type Line, type Piece, toned, toRight } from '../line.ts';
import { absentLine, type Inspected } from './inspected.ts';

/** Who calls the service, and whom it calls: how often, and how long the caller waits. */
export const dependencyRows =
  (name: string, inspected: Inspected, snapshot: Snapshot): Part =>
  (area) =>
    filledBox(
      {
        title: [toned('bold', 'CALLS'), '  60 s'],
        lines:
          inspected.inspection === undefined
            ? [absentLine(inspected)]
            : linesOf(name, inspected.inspection, { snapshot, ...area }),
      },
      area,
    );

type Drawing = Area & { readonly snapshot: Snapshot };

const linesOf = (name: string, { calls }: Inspection, drawing: Drawing): readonly Line[] => {
  const busiest = (each: readonly CallFigures[]) =>
    each.toSorted((a, b) => b.perSecond * b.meanMs - a.perSecond * a.meanMs);
  const ins = busiest(calls.filter(({ to }) => to === name));
  const outs = busiest(calls.filter(({ from }) => from === name));
  const { branch, lastBranch } = glyphsOf(drawing.theme);
  if (ins.length + outs.length === 0)
    return [[toned('dim', 'no service of this app calls it, and it calls none')]];
  const columns = columnsFor(calls, drawing);
  const head: Line = [toned('dim', headOf(columns))];
  const called = ins.map((call, index) =>
    callLine(call, { lead: index === 0 ? 'in  ' : '    ', other: call.from, columns, ...drawing }),
  );
  const calling = outs.map((call, index) =>
    callLine(call, {
      lead: `${index === outs.length - 1 ? lastBranch : branch} `,
      other: call.to,
      columns,
      ...drawing,
    }),
  );
  const whole = [head, ...called, [toned('bold', `    ${name}`)], ...calling];
  // Where not all has room: what it waits for says more than who waits for it.
  return whole.length <= drawing.rows - 2 ? whole : [head, ...calling, ...called];
};

type Cell = (call: CallFigures, there: ServiceStatus | undefined, drawing: Drawing) => Piece;

type Column = { readonly title: string; readonly width: number; readonly cell: Cell };

const leadWidth = 5;
const nameWidth = 13;

const itsP99: Cell = (_call, there, { snapshot, theme }) => {
  if (there === undefined) return toned('dim', '- ');
  const { p99 } = there.latencyMs;
  return marked(latency(p99), severityOf(p99, snapshot.advice.thresholds.latencyP99), theme);
};

const severityOfBreaker = { closed: 'ok', 'half-open': 'warning', open: 'critical' } as const;

const breakerCell: Cell = ({ breaker }, _there, { theme }) =>
  breaker === undefined ? toned('dim', '- ') : marked(breaker, severityOfBreaker[breaker], theme);

const breakerColumn: Column = { title: 'BREAKER ', width: 11, cell: breakerCell };

const usual: readonly Column[] = [
  { title: 'CALLS/S', width: 8, cell: ({ perSecond }) => count(perSecond) },
  { title: 'MEAN', width: 8, cell: ({ meanMs }) => latency(meanMs) },
  { title: 'ITS P99 ', width: 10, cell: itsP99 },
  { title: 'WAITING', width: 8, cell: ({ outstanding }) => count(outstanding) },
];

/** As many as fit: what waits is the first to go, then the breakers, if there are any. */
const columnsFor = (calls: readonly CallFigures[], { width }: Drawing): readonly Column[] => {
  const guarded = calls.some(({ breaker }) => breaker !== undefined) ? [breakerColumn] : [];
  let room = insideOf(width) - leadWidth - nameWidth;
  return [...usual.slice(0, -1), ...guarded, ...usual.slice(-1)].filter((column) => {
    room -= column.width;
    return room >= 0;
  });
};

const headOf = (columns: readonly Column[]): string =>
  ' '.repeat(leadWidth + nameWidth) +
  columns.map(({ title, width }) => title.padStart(width)).join('');

type CallOptions = Drawing & {
  readonly lead: string;
  readonly other: string;
  readonly columns: readonly Column[];
};

const callLine = (call: CallFigures, { lead, other, columns, ...drawing }: CallOptions): Line => {
  const there = drawing.snapshot.status.services.find(({ name }) => name === other);
  return [
    toned('dim', lead.padEnd(leadWidth)),
    other.slice(0, nameWidth - 1).padEnd(nameWidth),
    ...columns.flatMap(({ width, cell }) => toRight(cell(call, there, drawing), width)),
  ];
};

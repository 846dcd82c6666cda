import type { Snapshot } from '../../../protocol/control/messages.ts';
import type { CallFigures, Inspection } from '../../../protocol/inspection.ts';
import { severityOf } from '../../../protocol/thresholds.ts';
import { glyphsOf } from '../../glyphs.ts';
import type { Area, Part } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { count, latency } from '../figures.ts';
import { type Line, type Piece, toned } from '../line.ts';
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
  return [
    [toned('dim', headOf(drawing))],
    ...ins.map((call, index) =>
      callLine(call, { lead: index === 0 ? 'in  ' : '    ', other: call.from, ...drawing }),
    ),
    [toned('bold', `    ${name}`)],
    ...outs.map((call, index) =>
      callLine(call, {
        lead: `${index === outs.length - 1 ? lastBranch : branch} `,
        other: call.to,
        ...drawing,
      }),
    ),
  ];
};

type Column = { readonly title: string; readonly width: number };

const leadWidth = 5;
const nameWidth = 13;
const columns: readonly Column[] = [
  { title: 'CALLS/S', width: 8 },
  { title: 'MEAN', width: 8 },
  { title: 'ITS P99', width: 9 },
  { title: 'WAITING', width: 9 },
];

/** As many columns as fit; what waits is the first to go. */
const fitting = (width: number): readonly Column[] => {
  let room = insideOf(width) - leadWidth - nameWidth;
  return columns.filter((column) => {
    room -= column.width;
    return room >= 0;
  });
};

const headOf = ({ width }: Drawing): string =>
  ' '.repeat(leadWidth + nameWidth) +
  fitting(width)
    .map((column) => column.title.padStart(column.width))
    .join('');

type CallOptions = Drawing & { readonly lead: string; readonly other: string };

const callLine = (call: CallFigures, { lead, other, ...drawing }: CallOptions): Line => {
  const { snapshot, theme, width } = drawing;
  const there = snapshot.status.services.find(({ name }) => name === other);
  const { latencyP99 } = snapshot.advice.thresholds;
  const p99 = there?.latencyMs.p99 ?? 0;
  const cells: readonly Piece[] = [
    count(call.perSecond).padStart(8),
    latency(call.meanMs).padStart(8),
    there === undefined
      ? toned('dim', `${'-'.padStart(8)} `)
      : marked(latency(p99).padStart(8), severityOf(p99, latencyP99), theme),
    count(call.outstanding).padStart(9),
  ];
  return [
    toned('dim', lead.padEnd(leadWidth)),
    other.slice(0, nameWidth - 1).padEnd(nameWidth),
    ...cells.slice(0, fitting(width).length),
  ];
};

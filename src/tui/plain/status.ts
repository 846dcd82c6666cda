import { stateOf } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import { headerRows } from '../rows/header.ts';
import { draw, type Frame, type Line, toned, wrap } from '../rows/line.ts';
import { headline } from '../rows/recommendation.ts';
import { portsText } from './ports.ts';
import { statusTable } from './status-table.ts';

/** How every service is, a row each; below it only what is not as usual. */
export const statusText = (snapshot: Snapshot, frame: Frame): string => {
  const [head = [], ...rows] = statusTable(snapshot, frame);
  return [
    ...headerRows(snapshot, { ...frame, connection: 'live', readOnly: false }),
    ...problemRows(snapshot.status.problem, frame),
    draw(head, frame),
    ...snapshot.status.services.flatMap((service, index) => [
      draw(rows[index] ?? [], frame),
      ...indented(reasonOf(service), frame),
    ]),
    ...indented(portsText(snapshot), frame),
    ...snapshot.advice.recommendations.map((advice) =>
      draw(
        [
          toned(advice.severity, glyphsOf(frame.theme)[advice.severity]),
          ` ${stateOf(advice) === 'over' ? 'over, ' : ''}${headline(advice, frame.theme)}: `,
          toned('key', `forge explain ${advice.id}`),
        ],
        frame,
      ),
    ),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
};

const problemRows = (problem: string | undefined, frame: Frame): readonly string[] =>
  problem === undefined
    ? []
    : wrap(problem, frame.width - 2).map((line) => draw([toned('critical', `! ${line}`)], frame));

const reasonOf = ({ status, reason }: ServiceStatus): string =>
  status === 'ready' || reason === undefined ? '' : spoken(reason);

const indent = 4;

const indented = (text: string, frame: Frame): readonly string[] => {
  if (text === '') return [];
  const lines = wrap(text, Math.max(indent, frame.width - indent));
  return lines.map((line) => draw([' '.repeat(indent), line] satisfies Line, frame));
};

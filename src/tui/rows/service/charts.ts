import type { Snapshot } from '../../../protocol/control/messages.ts';
import { severityOf } from '../../../protocol/thresholds.ts';
import type { Trend } from '../../state/trend.ts';
import { type Area, beside, type Part } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { known, latency, percent } from '../figures.ts';
import { toned } from '../line.ts';
import { plot } from '../plot.ts';

/** Seconds that the snapshot has of every service. */
const minuteSeconds = 60;
/** What is drawn of the trend: enough to see how it came to this. */
const chartSeconds = 300;

export type Charted = {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Of the last minutes, once it is read. */
  readonly trend?: Trend | undefined;
};

/** CPU and P99 of the last minutes, next to each other. */
export const chartRows = (charted: Charted, area: Area): readonly string[] =>
  beside(chart('cpu', charted), chart('p99', charted), area);

type Drawn = {
  readonly values: readonly number[];
  readonly points: number;
  readonly period: string;
};

const drawnOf = (of: 'cpu' | 'p99', { name, snapshot, trend }: Charted): Drawn =>
  trend === undefined
    ? { values: snapshot.history[name]?.[of] ?? [], points: minuteSeconds, period: '60 s' }
    : { values: trend[of], points: chartSeconds, period: '5 min' };

const chart =
  (of: 'cpu' | 'p99', charted: Charted): Part =>
  (area) => {
    const { cpu, latencyP99 } = charted.snapshot.advice.thresholds;
    const lines = of === 'cpu' ? cpu : latencyP99;
    const { values, points, period } = drawnOf(of, charted);
    const now = charted.snapshot.history[charted.name]?.[of].at(-1);
    const text = known(now, of === 'cpu' ? percent : latency);
    return filledBox(
      {
        title: [toned('bold', of === 'cpu' ? 'CPU PER WORKER' : 'P99'), `  ${period}`],
        aside: ['now ', marked(text, severityOf(now ?? 0, lines), area.theme)],
        lines: plot(values, {
          width: insideOf(area.width),
          rows: Math.max(0, area.rows - 2),
          points,
          lines,
          theme: area.theme,
        }),
      },
      area,
    );
  };

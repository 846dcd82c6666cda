import type { Snapshot } from '../../../protocol/control/messages.ts';
import { severityOf } from '../../../protocol/thresholds.ts';
import { type Area, beside, type Part } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { latency } from '../figures.ts';
import { toned } from '../line.ts';
import { plot } from '../plot.ts';

/** Seconds that the snapshot has of every service. */
const points = 60;

/** CPU and P99 of the last minute, next to each other. */
export const chartRows = (name: string, snapshot: Snapshot, area: Area): readonly string[] =>
  beside(chart('cpu', name, snapshot), chart('p99', name, snapshot), area);

const chart =
  (of: 'cpu' | 'p99', name: string, { history, advice }: Snapshot): Part =>
  (area) => {
    const { cpu, latencyP99 } = advice.thresholds;
    const lines = of === 'cpu' ? cpu : latencyP99;
    const values = history[name]?.[of] ?? [];
    const now = values.at(-1) ?? 0;
    const text = of === 'cpu' ? `${now.toFixed(0)}%` : latency(now);
    return filledBox(
      {
        title: [toned('bold', of === 'cpu' ? 'CPU PER WORKER' : 'P99'), '  60 s'],
        aside: ['now ', marked(text, severityOf(now, lines), area.theme)],
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

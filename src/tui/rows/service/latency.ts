import type { Snapshot } from '../../../protocol/control/messages.ts';
import type { LatencyBucket } from '../../../protocol/inspection.ts';
import type { ServiceStatus } from '../../../protocol/metrics.ts';
import { type Line as Lines, severityOf } from '../../../protocol/thresholds.ts';
import { glyphsOf } from '../../glyphs.ts';
import type { Theme } from '../../theme.ts';
import { type Area, beside, type Part } from '../beside.ts';
import { filledBox, insideOf } from '../box.ts';
import { marked } from '../columns.ts';
import { count, latency } from '../figures.ts';
import { type Line, toned } from '../line.ts';
import { labelled } from '../recommendation.ts';
import { absentLine, type Inspected } from './inspected.ts';

const labelWidth = 13;
const shareWidth = 8;

/** How many requests of the last minute took how long. */
export const latencyRows =
  (inspected: Inspected, { advice }: Snapshot): Part =>
  (area) => {
    const { inspection } = inspected;
    const buckets = inspection?.latency ?? [];
    const total = buckets.reduce((sum, each) => sum + each.count, 0);
    const { latencyP99 } = advice.thresholds;
    const shown = area.rows - 2 >= buckets.length ? buckets : merged(buckets, latencyP99);
    return filledBox(
      {
        title: [toned('bold', 'LATENCY'), '  60 s'],
        aside: inspection === undefined ? [] : [`${count(total)} requests`],
        lines:
          inspection === undefined
            ? [absentLine(inspected)]
            : shown
                .map((bucket, index) =>
                  bucketLine(bucket, {
                    from: shown[index - 1]?.upToMs ?? 0,
                    isLast: index === shown.length - 1,
                    total,
                    lines: latencyP99,
                    area,
                  }),
                )
                // Where not all has room, the slow ones are what one looks for.
                .slice(-Math.max(1, area.rows - 2)),
      },
      area,
    );
  };

/** Five buckets, at the warning and the critical line among others. */
const merged = (buckets: readonly LatencyBucket[], lines: Lines): readonly LatencyBucket[] => {
  const edges = [lines.warning / 10, lines.warning / 2, lines.warning, lines.critical];
  const last = buckets.at(-1)?.upToMs ?? 0;
  return [...edges, Math.max(last, lines.critical + 1)].map((upToMs, index) => ({
    upToMs,
    count: buckets
      .filter((each) => each.upToMs <= upToMs && each.upToMs > (edges[index - 1] ?? 0))
      .reduce((sum, each) => sum + each.count, 0),
  }));
};

type Given = {
  readonly from: number;
  readonly isLast: boolean;
  readonly total: number;
  readonly lines: Lines;
  readonly area: Area;
};

const bucketLine = (bucket: LatencyBucket, { from, isLast, total, lines, area }: Given): Line => {
  const severity = severityOf(from, lines);
  const glyphs = glyphsOf(area.theme);
  const room = Math.max(0, insideOf(area.width) - labelWidth - shareWidth - 2);
  const share = total === 0 ? 0 : bucket.count / total;
  const width = Math.min(room, bucket.count === 0 ? 0 : Math.max(1, Math.round(share * room)));
  const range = isLast ? `over ${edge(from)}` : `to ${edge(bucket.upToMs)}`;
  return [
    severity === 'ok' ? '  ' : toned(severity, `${glyphs[severity]} `),
    toned('dim', range.padStart(labelWidth - 2)),
    ' ',
    toned(severity === 'ok' ? 'plain' : severity, glyphs.full.repeat(width)),
    ' '.repeat(room - width),
    `${(share * 100).toFixed(1)}%`.padStart(shareWidth),
  ];
};

const edge = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

/** The distribution, and next to it where the time of a request goes. */
export const latencyTab =
  (service: ServiceStatus, inspected: Inspected, snapshot: Snapshot): Part =>
  (area) =>
    beside(latencyRows(inspected, snapshot), splitRows(service, inspected, snapshot), area);

const splitRows =
  (service: ServiceStatus, inspected: Inspected, { advice }: Snapshot): Part =>
  (area) => {
    const { p50, p90, p99, max } = service.latencyMs;
    const { latencyP99 } = advice.thresholds;
    const quantile = (name: string, value: number): readonly Line[] =>
      labelled(name, [
        [marked(latency(value).padStart(8), severityOf(value, latencyP99), area.theme)],
      ]);
    return filledBox(
      {
        title: [toned('bold', 'WHERE THE TIME GOES'), '  of one request'],
        lines: [
          ...splitLines(inspected, area),
          [],
          ...quantile('P50', p50),
          ...quantile('P90', p90),
          ...quantile('P99', p99),
          ...quantile('max', max),
          ...labelled('warning', [[`${latencyP99.warning} ms`.padStart(8)]]),
          ...labelled('critical', [[`${latencyP99.critical} ms`.padStart(8)]]),
        ],
      },
      area,
    );
  };

const splitLines = (inspected: Inspected, area: Area): readonly Line[] => {
  const { inspection } = inspected;
  if (inspection === undefined) return [absentLine(inspected)];
  const { cpuMs, loopWaitMs, downstreamMs, otherMs } = inspection.split;
  const total = Math.max(1e-9, cpuMs + loopWaitMs + downstreamMs + otherMs);
  const part = (name: string, value: number): Line => [
    toned('dim', name.padEnd(22)),
    (value < 10_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(1)} s`).padStart(10),
    '  ',
    ...shareBar(value / total, insideOf(area.width) - 34, area.theme),
  ];
  return [
    part('own code', cpuMs),
    part('waiting for the loop', loopWaitMs),
    part('other services', downstreamMs),
    part('databases and else', otherMs),
  ];
};

const shareBar = (share: number, room: number, theme: Theme): Line => {
  const width = Math.max(0, Math.min(20, room));
  const { full, empty } = glyphsOf(theme);
  const filled = Math.round(share * width);
  return [full.repeat(filled), toned('dim', empty.repeat(width - filled))];
};

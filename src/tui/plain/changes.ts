import type { Snapshot, TimelineEvent } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { errorsLine, severityOf, type Thresholds } from '../../protocol/thresholds.ts';
import { spoken } from '../../protocol/topology.ts';
import { clock } from '../rows/figures.ts';

/** What is new since the snapshot before, a sentence a line: for who listens instead of looking. */
export const changesBetween = (before: Snapshot, after: Snapshot): readonly string[] => [
  ...after.status.services.flatMap((service) => serviceChange(before, after, service)),
  ...eventsSince(before, after).map(
    ({ at, service, text }) => `${clock(at)} ${service}: ${spoken(text)}`,
  ),
];

const eventsSince = (before: Snapshot, after: Snapshot): readonly TimelineEvent[] => {
  const known = new Set(before.events.map((event) => JSON.stringify(event)));
  return after.events.filter((event) => !known.has(JSON.stringify(event)));
};

const serviceChange = (
  before: Snapshot,
  { status, advice }: Snapshot,
  service: ServiceStatus,
): readonly string[] => {
  const was = before.status.services.find(({ name }) => name === service.name);
  const at = clock(status.at);
  if (was === undefined) return [`${at} ${service.name} is new, ${service.status}`];
  if (was.status !== service.status) {
    const why = service.reason === undefined ? '' : `: ${spoken(service.reason)}`;
    return [`${at} ${service.name} is ${service.status}${why}, was ${was.status}`];
  }
  if (was.severity === service.severity) return [];
  return [`${at} ${service.name} ${worstOf(service, was, advice.thresholds)}`];
};

/** `P99 612 ms, critical, was 138`: the signal that makes it so. */
const worstOf = (now: ServiceStatus, was: ServiceStatus, thresholds: Thresholds): string => {
  const signals = [
    {
      name: 'P99',
      unit: ' ms',
      of: ({ latencyMs }: ServiceStatus) => latencyMs.p99,
      line: thresholds.latencyP99,
    },
    {
      name: 'CPU per worker',
      unit: ' %',
      of: ({ cpu }: ServiceStatus) => cpu,
      line: thresholds.cpu,
    },
    {
      name: 'pending',
      unit: '',
      of: ({ pending }: ServiceStatus) => pending,
      line: thresholds.pending,
    },
    {
      name: 'errors',
      unit: ' %',
      of: ({ errorRate }: ServiceStatus) => errorRate * 100,
      line: errorsLine(thresholds),
    },
  ];
  const wanted = now.severity === 'ok' ? was : now;
  const signal =
    signals.find(({ of, line }) => severityOf(of(wanted), line) === wanted.severity) ?? signals[0];
  if (signal === undefined) return now.severity;
  const { name, unit, of } = signal;
  return `${name} ${of(now).toFixed(0)}${unit}, ${now.severity}, was ${of(was).toFixed(0)}`;
};

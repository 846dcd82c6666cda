import type { Snapshot } from '../../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../../protocol/metrics.ts';
import type { Severity } from '../../../protocol/severity.ts';
import { currentWorkers, standbyText } from '../../../protocol/standby.ts';
import { severityOf } from '../../../protocol/thresholds.ts';
import { isIsolated, spoken } from '../../../protocol/topology.ts';
import { glyphsOf } from '../../glyphs.ts';
import { type Tab, tabs } from '../../state/view.ts';
import { marked } from '../columns.ts';
import { count, latency, plural } from '../figures.ts';
import { draw, type Frame, type Line, lengthOf, type Piece, toned } from '../line.ts';

/** One line that says how the service is, whatever tab is open. */
export const headRow = (service: ServiceStatus, { advice }: Snapshot, frame: Frame): string => {
  const { severity, status, workers, latencyMs, pending, errorRate, reason } = service;
  const { theme } = frame;
  const { thresholds } = advice;
  // Here no column is kept free for a mark that is not there.
  const figure = (text: string, severity: Severity): Piece =>
    severity === 'ok' ? text : marked(text, severity, theme);
  const p99 = figure(latency(latencyMs.p99), severityOf(latencyMs.p99, thresholds.latencyP99));
  const queue = figure(count(pending), severityOf(pending, thresholds.pending));
  const kept = standbyText(workers);
  const parts: readonly Line[] = [
    [
      toned(severity, ` ${glyphsOf(theme)[severity]} ${severity}`),
      status === 'ready' ? '' : `  ${status}`,
    ],
    status === 'ready' || reason === undefined ? [] : [`: ${spoken(reason)}`],
    [`  ${count(service.requestsPerSecond)} req/s`],
    ['  P99 ', p99],
    ['  pending ', queue],
    [`  errors ${(errorRate * 100).toFixed(2)}%`],
    [`  ${plural(currentWorkers(workers).length, 'worker')}`],
    kept === '' ? [] : [` ${kept}`],
    [`  P50 ${latency(latencyMs.p50)}  P90 ${latency(latencyMs.p90)}`],
    [`  ${placeOf(service)}`],
  ];
  return draw(fitting(parts, frame.width), frame);
};

const placeOf = ({ group, colocatedWith }: ServiceStatus): string => {
  if (isIsolated(group)) return 'alone in its workers';
  return colocatedWith.length === 0
    ? `group ${group}`
    : `${group}, with ${colocatedWith.join(', ')}`;
};

const fitting = (parts: readonly Line[], width: number): Line => {
  const kept: Line[] = [];
  for (const part of parts) {
    if (lengthOf([...kept.flat(), ...part]) > width) break;
    kept.push(part);
  }
  return kept.flat();
};

const short: Readonly<Record<Tab, string>> = {
  overview: 'over',
  workers: 'wrk',
  latency: 'lat',
  dependencies: 'deps',
  logs: 'logs',
  config: 'conf',
  advice: 'adv',
};

/** The tabs with their numbers; the narrower the screen, the less of those that are not open. */
export const tabRow = (open: Tab, advices: number, frame: Frame): string => {
  const { width } = frame;
  const nameOf = (tab: Tab): string => {
    if (tab === open || width >= 100) return ` ${tab}`;
    return width < 58 ? '' : ` ${short[tab]}`;
  };
  const gap = width < 78 ? '' : ' ';
  const line = tabs.flatMap((tab, index): Line => {
    const badge = tab === 'advice' && advices > 0 && width >= 58 ? `(${advices})` : '';
    const label = `${index + 1}${nameOf(tab)}${badge}`;
    return [tab === open ? toned('key', `[${label}]`) : toned('dim', ` ${label} `), gap];
  });
  return draw([gap, ...line], frame);
};

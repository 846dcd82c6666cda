import type { ActionRequest } from '../../protocol/action.ts';
import type { BurnRate, Evidence, Interval, Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { currentWorkers } from '../../protocol/standby.ts';
import { severityOf } from '../../protocol/thresholds.ts';
import { isIsolated } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import { memoryPerWorker } from './columns.ts';
import { duration, memory, plural } from './figures.ts';
import { gauge } from './graph.ts';
import { type Frame, type Line, type Piece, toned, wrap } from './line.ts';

const labelWidth = 11;

/** `label      text`; the first of several lines has the label. */
export const labelled = (label: string, lines: readonly Line[]): readonly Line[] =>
  lines.map((line, index) => [
    toned('dim', (index === 0 ? label : '').padEnd(labelWidth)),
    ...line,
  ]);

export const wrapped = (text: string, width: number): readonly Line[] =>
  wrap(text, width - labelWidth).map((line) => [line]);

const numberIn = ({ details }: Recommendation, key: string): number | undefined => {
  const value = details[key];
  return typeof value === 'number' ? value : undefined;
};

/** `scale_up orders 1 → 2 workers`: what is advised, in the fewest words. */
export const headline = (advice: Recommendation, theme: Theme): string => {
  const { action, service, details } = advice;
  const from = numberIn(advice, 'currentWorkers');
  const to = numberIn(advice, 'suggestedWorkers');
  const partners = details['with'];
  const what = `${action} ${service}`;
  if (from !== undefined && to !== undefined) {
    return `${what} ${from} ${glyphsOf(theme).arrow} ${plural(to, 'worker')}`;
  }
  if (Array.isArray(partners)) return `${what} with ${partners.join(', ')}`;
  return action === 'split_out' ? `${what} out of ${details['group']}` : what;
};

const names = {
  cpu: 'max CPU/W',
  latencyP99Ms: 'P99',
  pending: 'pending',
  memoryMb: 'memory',
  errorPercent: 'errors',
};
const units = { cpu: '%', latencyP99Ms: 'ms', pending: '', memoryMb: 'MB', errorPercent: '%' };
const unitWidth = 2;
const lineWidth = 6;

/** One signal against both of its lines. */
export const evidenceLine = (evidence: Evidence, { width, theme }: Frame): Line => {
  const { signal, value, warning, critical, heldMs } = evidence;
  const { warning: warningMark, critical: criticalMark } = glyphsOf(theme);
  const lines = { warning, critical };
  const isNarrow = width < 72;
  const gaugeWidth = isNarrow ? 10 : width < 100 ? 18 : 32;
  return [
    toned('dim', names[signal].padEnd(labelWidth)),
    ...gauge(value, { width: gaugeWidth, lines, theme }),
    toned(severityOf(value, lines), value.toFixed(0).padStart(7)),
    ` ${units[signal].padEnd(unitWidth)}`,
    toned('warning', `  ${warningMark}`),
    toned('dim', ` ${warning}`.padEnd(lineWidth)),
    toned('critical', criticalMark),
    toned('dim', ` ${critical}`.padEnd(lineWidth)),
    ...(isNarrow ? [] : [`for ${duration(heldMs).padEnd(heldWidth)}`, burnOf(evidence, width)]),
  ];
};

const heldWidth = 6;
const bothWidth = 112;

/** How fast bad answers use up what there may be, in the pair of windows nearest to its line. */
const burnOf = ({ burnRates = [], burn }: Evidence, width: number): Piece => {
  const nearness = (pair: readonly BurnRate[]): number =>
    Math.min(...pair.map(({ times, line }) => times / line));
  const pairs = [...Map.groupBy(burnRates, ({ line }) => line).values()];
  const [pair = []] = pairs.toSorted((a, b) => nearness(b) - nearness(a));
  if (pair.every(({ times }) => times === 0)) return '';
  const spans = pair.map(({ times, forMs }) => `${times.toFixed(0)}x/${duration(forMs)}`);
  const severity = burn?.severity ?? (nearness(pair) >= 1 ? 'warning' : 'dim');
  const text = width < bothWidth ? `${pair[0]?.times.toFixed(0)}x` : spans.join(' ');
  return toned(severity, `  burn ${text}`);
};

type Change = { readonly name: string; readonly unit: string; readonly isRange?: boolean };

const change = (interval: Interval | undefined, { name, unit, isRange }: Change, arrow: string) => {
  if (interval === undefined) return [];
  const { from, to, low, high } = interval;
  const range = isRange === true ? ` (${low.toFixed(0)}-${high.toFixed(0)})` : '';
  return [`${name} ${from.toFixed(0)}${arrow}${to.toFixed(0)}${unit}${range}`];
};

/** `CPU 91→61 %  P99 612→180 ms (150-220)  pending 245→40` */
export const effectOf = ({ prediction }: Recommendation, theme: Theme): string => {
  const { arrow } = glyphsOf(theme);
  const changes = [
    ...change(prediction.cpu, { name: 'CPU', unit: ' %' }, arrow),
    ...change(prediction.latencyP99Ms, { name: 'P99', unit: ' ms', isRange: true }, arrow),
    ...change(prediction.pending, { name: 'pending', unit: '' }, arrow),
  ];
  return changes.join('   ') || 'not predicted, but measured afterwards';
};

/** The effect in one line, or in several where it is narrow. */
export const effectLines = (advice: Recommendation, { width, theme }: Frame): readonly Line[] => {
  const effect = effectOf(advice, theme);
  return effect.length <= width - labelWidth ? [[effect]] : wrapped(effect, width);
};

/** What it takes or gives back, or undefined where only a person can tell. */
export const costOf = (advice: Recommendation, { status }: Snapshot): string | undefined => {
  const service = status.services.find(({ name }) => name === advice.service);
  const each = service === undefined ? 0 : memoryPerWorker(service);
  const saved = numberIn(advice, 'savedMb');
  if (saved !== undefined) return `about -${saved}M`;
  const more = moreWorkers(advice);
  if (more === undefined) return undefined;
  return changeOf(more, each) + roomOf(numberIn(advice, 'idleCores'), status);
};

const changeOf = (more: number, each: number): string => {
  const sign = more < 0 ? '-' : '+';
  const size = memory(Math.abs(more) * each);
  return `${sign}${plural(Math.abs(more), 'worker')}, about ${sign}${size}`;
};

const roomOf = (idle: number | undefined, { machine }: Snapshot['status']): string =>
  idle === undefined ? '' : `, ${idle.toFixed(1)} of ${machine.cores} cores idle`;

/** The same of what an operator thought of. */
export const costOfRequest = (request: ActionRequest, { status }: Snapshot): string | undefined => {
  const service = status.services.find(({ name }) => name === request.service);
  if (service === undefined) return undefined;
  const each = memoryPerWorker(service);
  const count = currentWorkers(service.workers).length;
  const { cores, cpu } = status.machine;
  const idle = cores * (1 - cpu / 100);
  switch (request.kind) {
    case 'scale':
      return request.workers === count
        ? undefined
        : changeOf(request.workers - count, each) + roomOf(idle, status);
    case 'split':
      return changeOf(1, each) + roomOf(idle, status);
    case 'restart':
      return `one worker more for a while, about +${memory(each)}`;
    case 'reload':
      return `as many workers more until the new ones are proved, about +${memory(count * each)}`;
    case 'stop':
      return isIsolated(service.group) ? changeOf(-count, each) : undefined;
    case 'start':
    case 'colocate':
    case 'rollback':
      return undefined;
  }
};

/** How long it can be taken back, and what that does. */
export const undoOf = (advice: Recommendation): string => {
  const from = numberIn(advice, 'currentWorkers');
  const back = from === undefined ? '' : `, back to ${plural(from, 'worker')}`;
  return `u, at any time${back}`;
};

const moreWorkers = (advice: Recommendation): number | undefined => {
  if (advice.action === 'split_out') return 1;
  const from = numberIn(advice, 'currentWorkers');
  const to = numberIn(advice, 'suggestedWorkers');
  return from === undefined || to === undefined ? undefined : to - from;
};

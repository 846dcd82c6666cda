import type { Action } from '../../protocol/action.ts';
import type { Evidence, Interval, Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { worst } from '../../protocol/severity.ts';
import { bar, markOf, paint, type Theme, toWidth } from '../theme.ts';

type Frame = { readonly width: number; readonly theme: Theme };

/** Rows inside a box of exact width, the title in its upper edge. */
export const box = (
  title: string,
  rows: readonly string[],
  { width, theme }: Frame,
): readonly string[] => {
  const [corner, dash, side] = theme.ascii ? ['++++', '-', '|'] : ['╭╮╰╯', '─', '│'];
  const [tl = '+', tr = '+', bl = '+', br = '+'] = [...(corner ?? '++++')];
  const line = dash ?? '-';
  const head = toWidth(`${tl}${line} ${title} `, width - 1);
  const upper = `${head.trimEnd()} ${line.repeat(Math.max(0, width - 2 - head.trimEnd().length))}${tr}`;
  return [
    upper,
    ...rows.map((row) => `${side}${toWidth(` ${row}`, width - 2)}${side}`),
    `${bl}${line.repeat(width - 2)}${br}`,
  ];
};

export const headerRows = (snapshot: Snapshot, { width, theme }: Frame): readonly string[] => {
  const { status, advice } = snapshot;
  const { machine, supervisor, services } = status;
  const severity = worst(services.map((service) => service.severity));
  const ready = services.filter((service) => service.status === 'ready').length;
  const share = machine.memoryBytes === 0 ? 0 : machine.memoryUsedBytes / machine.memoryBytes;
  const rps = services.reduce((sum, service) => sum + service.requestsPerSecond, 0);
  const meter = { width: 10, top: 100 };
  const count = (of: string): number => services.filter((each) => each.severity === of).length;
  return [
    paint(
      theme,
      'bold',
      toWidth(
        ` ThreadForge ${status.app} on ${machine.name}  ${machine.cores} cores  supervisor ${supervisor.pid} ${markOf(theme, severity)}  ${status.at.slice(11, 19)}`,
        width,
      ),
    ),
    toWidth(
      ` CPU [${bar(theme, machine.cpu, meter)}] ${machine.cpu.toFixed(0)}%  MEM [${bar(theme, share * 100, meter)}] ${(share * 100).toFixed(0)}%  ${rps.toFixed(0)} req/s  ${ready}/${services.length} ready  ${count('critical')}${markOf(theme, 'critical')} ${count('warning')}${markOf(theme, 'warning')}  ${advice.recommendations.length} advice`,
      width,
    ),
  ];
};

const labels = { cpu: 'CPU/worker', latencyP99Ms: 'P99', pending: 'pending', memoryMb: 'memory' };
const units = { cpu: '%', latencyP99Ms: 'ms', pending: '', memoryMb: 'MB' };

const evidenceRow = (evidence: Evidence, theme: Theme): string => {
  const { signal, value, warning, critical, heldMs } = evidence;
  const meter = bar(theme, value, { width: 14, top: critical });
  const number = `${value.toFixed(0)}${units[signal]}`;
  return `${labels[signal].padEnd(10)} ${meter} ${number.padStart(7)} warn ${warning} crit ${critical} for ${(heldMs / 1_000).toFixed(0)}s`;
};

const change = (name: string, interval: Interval | undefined, unit: string): string[] => {
  if (interval === undefined) return [];
  const { from, to, low, high } = interval;
  const round = (value: number): string => value.toFixed(0);
  return [`${name} ${round(from)}${unit} to ${round(to)}${unit} (${round(low)}-${round(high)})`];
};

export const effectOf = ({ prediction }: Recommendation): string =>
  [
    ...change('CPU', prediction.cpu, '%'),
    ...change('P99', prediction.latencyP99Ms, 'ms'),
    ...change('pending', prediction.pending, ''),
  ].join('  ') || 'not predicted';

/** The recommendation in view: why, how sure, what would happen, what to press. */
export const adviceRows = (
  snapshot: Snapshot,
  { index, ...frame }: Frame & { readonly index: number },
): readonly string[] => {
  const { recommendations, notAdvised } = snapshot.advice;
  const advice = recommendations[index];
  if (advice === undefined) {
    const not = notAdvised
      .slice(0, 3)
      .map((each) => `${each.service}: no ${each.action}, ${each.because}`);
    return box('ADVISOR', ['nothing to do: no service is under pressure', ...not], frame);
  }
  const { theme } = frame;
  const title = `ADVISOR ${index + 1}/${recommendations.length}  ${markOf(theme, advice.severity)} ${advice.action} ${advice.service}  confidence ${(advice.confidence * 100).toFixed(0)}%`;
  return box(
    title,
    [
      `why    ${advice.reason}`,
      ...advice.evidence.slice(0, 3).map((each) => evidenceRow(each, theme)),
      `effect ${effectOf(advice)}`,
      `do     ${advice.command}    a accept  d dismiss  n next`,
    ],
    frame,
  );
};

/** How the last action ended, and whether it helped. */
export const outcomeOf = (action: Action): string => {
  const { verification, from, to } = action;
  const what = `${action.kind} ${action.service} ${from.workers} to ${to.workers}`;
  if (action.status !== 'done') return `${what}: ${action.status}`;
  if (verification === undefined) return `${what}: done, its effect is being measured   u undo`;
  const { predicted, actual, helped } = verification;
  const expected =
    predicted.latencyP99Ms === undefined ? '' : `predicted ${predicted.latencyP99Ms.toFixed(0)}, `;
  const numbers = `P99 ${expected}got ${actual.latencyP99Ms.toFixed(0)} ms`;
  return `${what}: ${numbers}: ${helped ? 'it helped' : 'no effect, undo? (u)'}`;
};

export const timelineRows = (
  { events, actions }: Snapshot,
  { rows, ...frame }: Frame & { readonly rows: number },
): readonly string[] => {
  const last = actions[0];
  const lines = events
    .toReversed()
    .map(
      (event) =>
        `${markOf(frame.theme, event.severity)} ${event.at.slice(11, 19)} ${event.service.padEnd(10)} ${event.text}`,
    );
  const shown = last === undefined ? lines : [`last action  ${outcomeOf(last)}`, ...lines];
  const filled = [
    ...shown.slice(0, rows),
    ...Array<string>(Math.max(0, rows - shown.length)).fill(''),
  ];
  return box('TIMELINE', filled, frame);
};

export const detailRows = (service: ServiceStatus, { width, theme }: Frame): readonly string[] => {
  const { latencyMs } = service;
  const workers = service.workers.map(
    (worker) =>
      `${worker.id.padEnd(20)} ${String(worker.pid).padStart(7)} ${worker.status.padEnd(9)} ${worker.cpu.toFixed(0).padStart(4)}% ${worker.eventLoopUtilization.toFixed(2)} ${(worker.rssBytes / 1024 / 1024).toFixed(0).padStart(5)}M ${String(worker.pending).padStart(5)} ${String(worker.restarts).padStart(3)}`,
  );
  return [
    ...box(
      `${service.name} ${markOf(theme, service.severity)} ${service.status}`,
      [
        `group ${service.group}   with ${service.colocatedWith.join(', ') || 'nobody'}`,
        `${service.requestsPerSecond.toFixed(0)} req/s   P50 ${latencyMs.p50.toFixed(1)}  P90 ${latencyMs.p90.toFixed(1)}  P99 ${latencyMs.p99.toFixed(1)}  max ${latencyMs.max.toFixed(1)} ms   errors ${(service.errorRate * 100).toFixed(2)}%   pending ${service.pending}`,
        ...(service.reason === undefined ? [] : [`reason: ${service.reason}`]),
      ],
      { width, theme },
    ),
    ...box(
      'WORKERS',
      ['id                       pid status     cpu  ELU    mem  pend rst', ...workers],
      { width, theme },
    ),
  ];
};

import type { SlowCalls } from '../../protocol/slow-calls.ts';
import { spoken } from '../../protocol/topology.ts';
import { latency } from '../rows/figures.ts';
import { hanging } from './hanging.ts';

type Call = SlowCalls['calls'][number];

/** Here a call fits into one line, its trace id included. */
const wideEnough = 116;

/** The slowest calls of a service, for a screen of this width. */
export const describeSlow = ({ service, calls, silent }: SlowCalls, width: number): string =>
  [
    `${service}, the slowest calls of the last minute`,
    ...(calls.length === 0 ? ['  none was answered'] : tableOf(calls, width)),
    ...(silent.length === 0
      ? []
      : hanging('  ', `${spoken(silent.join(', '))} said nothing: see forge status`, width)),
  ]
    .map((line) => `${line}\n`)
    .join('');

const tableOf = (calls: readonly Call[], width: number): readonly string[] => [
  ...(width < wideEnough ? [] : [head]),
  ...calls.flatMap((call) => {
    const line = lineOf(call);
    // A trace id that is cut leads nowhere.
    return width < wideEnough || line.length > width ? linesOf(call, width) : [line];
  }),
];

const linesOf = (call: Call, width: number): readonly string[] => [
  ...hanging('  ', `${timesOf(call)}  ${nameOf(call)}`, width),
  ...hanging('    ', `by ${call.from} on ${placeOf(call)}  ${call.traceId}`, width),
];

const head = [
  `  ${'TOOK'.padStart(7)}${'WAITED'.padStart(9)}  ${'AT'.padEnd(12)}  ${'METHOD'.padEnd(22)}`,
  `${'BY'.padEnd(10)} ${'WORKER'.padEnd(12)} TRACE`,
].join(' ');

const lineOf = (call: Call): string =>
  [
    `  ${timesOf(call)}  ${nameOf(call).padEnd(22)}`,
    `${call.from.padEnd(10)} ${placeOf(call).padEnd(12)} ${call.traceId}`,
  ].join(' ');

const timesOf = ({ tookMs, waitedMs, at }: Call): string =>
  `${fine(tookMs).padStart(7)}${fine(waitedMs).padStart(9)}  ${at.slice(11, 23)}`;

/** A calm service has slowest calls as well. */
const fine = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)}ms` : latency(ms));

const nameOf = ({ kind, method, outcome }: Call): string => {
  const isCalled = kind === 'call' || kind === 'route' || kind === 'raw';
  const name = isCalled ? method : `${kind} ${method}`.trim();
  return outcome === 'ok' ? name : `${name} ${outcome}`;
};

const placeOf = ({ worker }: Call): string => spoken(worker);

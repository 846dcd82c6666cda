import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { traceNotRead } from '../../protocol/simulation-errors.ts';
import { ms, parseDuration } from '../../protocol/units.ts';
import { type Routing, routings } from '../../simulator/engine/app.ts';
import { type PolicyName, policyNames } from '../../simulator/policies/policy.ts';
import type { SimulationReport } from '../../simulator/report.ts';
import { defaultSetup, type Setup } from '../../simulator/setup.ts';
import { examples, timeOption } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';

type Options = {
  readonly trace: string;
  readonly policy: readonly PolicyName[];
  readonly peakWorkers: number;
  readonly cpuMs: number;
  readonly ioMs: number;
  readonly startDelay: number;
  readonly sloMs: number;
  readonly seed: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly routing: Routing;
  readonly json?: boolean;
};

const { cpuMs, ioMs, sloMs, seed, peakWorkers, minWorkers, maxWorkers } = defaultSetup;
const startDelayMs = ms(defaultSetup.startDelayMs);

export const simulateCommand = (io: Io): Command =>
  new Command('simulate')
    .description('Serve a recorded load in simulation, and compare what decides on workers')
    .requiredOption('--trace <file>', 'CSV with the columns timestamp_s,requests_per_s')
    .addOption(
      new Option('--policy <names>', `separated by commas, of ${policyNames.join(', ')}`)
        .argParser(parsePolicies)
        .default(policyNames, 'all'),
    )
    .option(
      '--peak-workers <n>',
      'how many the peak of the load needs at 70 % CPU',
      parseCount,
      peakWorkers,
    )
    .option('--cpu-ms <ms>', 'CPU that a request takes', parseAmount, cpuMs)
    .option('--io-ms <ms>', 'how long a request waits for others', parseAmount, ioMs)
    .addOption(
      timeOption('--start-delay <time>', 'how long a new worker takes to be ready', {
        parse: parseTime,
        usually: startDelayMs,
      }),
    )
    .option(
      '--slo-ms <ms>',
      '99 % of the requests are to be answered within it',
      parseAmount,
      sloMs,
    )
    .option('--seed <n>', 'each number gives another day with the same load', parseCount, seed)
    .option('--min-workers <n>', 'never fewer', parseCount, minWorkers)
    .option('--max-workers <n>', 'never more', parseCount, maxWorkers)
    .addOption(
      new Option('--routing <way>', 'how a request finds its worker')
        .choices(routings)
        .default(defaultSetup.routing),
    )
    .option('--json', 'print one JSON document, for scripts')
    .addHelpText('after', examples('simulate --trace day.csv --policy advisor,hpa --cpu-ms 8'))
    .action(async (options: Options) => {
      const { parseTrace } = await import('../../simulator/trace.ts');
      const { comparePolicies } = await import('../../simulator/report.ts');
      const trace = parseTrace(basename(options.trace), read(options.trace));
      const report = comparePolicies(trace, setupOf(options), options.policy);
      if (options.json === true) printJson(io, report);
      else io.out(tableOf(report));
    });

const setupOf = ({ startDelay, ...options }: Options): Setup => ({
  ...defaultSetup,
  cpuMs: options.cpuMs,
  ioMs: options.ioMs,
  sloMs: options.sloMs,
  seed: options.seed,
  peakWorkers: options.peakWorkers,
  minWorkers: options.minWorkers,
  maxWorkers: options.maxWorkers,
  routing: options.routing,
  startDelayMs: startDelay,
});

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw traceNotRead(file, error);
  }
};

const parsePolicies = (text: string): readonly PolicyName[] =>
  text.split(',').map((name) => {
    const known = policyNames.find((one) => one === name.trim());
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`Known are ${policyNames.join(', ')}.`);
  });

const parseCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Give a whole number above 0.');
};

const parseAmount = (text: string): number => {
  const amount = Number(text);
  if (Number.isFinite(amount) && amount >= 0 && text.trim() !== '') return amount;
  throw new InvalidArgumentError('Give a number of milliseconds.');
};

const parseTime = (text: string): number => {
  const time = parseDuration(text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError('Give a time such as 2s or 500ms.');
};

const columns = [
  ['policy', ({ policy }) => policy],
  ['bad', ({ badShare }) => `${(badShare * 100).toFixed(2)} %`],
  ['minutes over', ({ sloMinutes }) => String(sloMinutes)],
  ['core-hours', ({ coreHours }) => coreHours.toFixed(2)],
  ['of oracle', ({ coreHoursVsOracle }) => `${coreHoursVsOracle.toFixed(2)}×`],
  ['actions/h', ({ actionsPerHour }) => actionsPerHour.toFixed(1)],
  ['turns/h', ({ reversalsPerHour }) => reversalsPerHour.toFixed(1)],
  ['P99', ({ p99Ms }) => `${p99Ms} ms`],
] as const satisfies readonly (readonly [
  string,
  (result: SimulationReport['results'][number]) => string,
])[];

const tableOf = ({ trace, seed: used, results }: SimulationReport): string => {
  const rows = [
    columns.map(([name]) => name as string),
    ...results.map((result) => columns.map(([, show]) => show(result))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  '),
  );
  return `${[`${trace}, seed ${used}`, ...lines].join('\n')}\n`;
};

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Capacity } from '../../src/simulator/capacity.ts';
import { policyNames } from '../../src/simulator/policies/policy.ts';
import { Runs } from '../../src/simulator/report.ts';
import { defaultSetup, type Setup } from '../../src/simulator/setup.ts';
import type { Outcome } from '../../src/simulator/simulate.ts';
import { parseTrace, secondsOf, type Trace } from '../../src/simulator/trace.ts';
import { families, syntheticTrace } from '../../test/helpers/traces.ts';
import { heading, mean, percentage, print, target } from './print.ts';

const recordedIn = (folder: string | undefined): readonly Trace[] =>
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((file) => file.endsWith('.csv'))
        .map((file) =>
          parseTrace(file.replace('.csv', ''), readFileSync(join(folder, file), 'utf8')),
        )
        .filter((trace) => secondsOf(trace) <= longestSeconds);

/** Two weeks take minutes for each policy, and say what a day says. */
const longestSeconds = Number(process.env['LONGEST_HOURS'] ?? 24) * 3_600;
/** On and off by the second: it has no core-hours to be held to, and other limits for the rest. */
const isAdversarial = (name: string): boolean => /llm/.test(name);
const badAllowed = (name: string): number => {
  if (isAdversarial(name)) return 0.015;
  return name.startsWith('step') ? 0.01 : 0.005;
};

type Row = { readonly name: string; readonly outcome: Outcome; readonly ratio: number };

export const printPolicies = (folder: string | undefined, seed: number): void => {
  for (const startDelayMs of [2_000, 30_000]) {
    const setup: Setup = { ...defaultSetup, seed, startDelayMs };
    const capacity = new Capacity(setup);
    heading(`Traces (T1–T5), a worker starts in ${startDelayMs / 1_000} s, seed ${seed}`);
    print('bad % / minutes over / core-hours of oracle / turns per hour');
    const traces = [
      ...families.map((family) => syntheticTrace(family, seed)),
      ...recordedIn(folder),
    ];
    const rows = traces.map((trace) => printTrace(trace, setup, capacity));
    if (startDelayMs === defaultSetup.startDelayMs) judge(rows);
    else judgeSlowStart(rows);
  }
};

const printTrace = (trace: Trace, setup: Setup, capacity: Capacity): Row => {
  const runs = new Runs(trace, setup, capacity);
  const reference = runs.of('oracle').coreHours;
  const cells = policyNames.map((policy) => {
    const { badShare, sloMinutes, coreHours, reversalsPerHour } = runs.of(policy);
    const figures = [
      (badShare * 100).toFixed(2),
      sloMinutes,
      (coreHours / reference).toFixed(2),
      reversalsPerHour.toFixed(1),
    ];
    return `${policy} ${figures.join('/')}`;
  });
  print(`${trace.name.slice(0, 30).padEnd(30)} ${cells.join('  ')}`);
  const outcome = runs.of('advisor');
  return { name: trace.name, outcome, ratio: outcome.coreHours / reference };
};

const judge = (rows: readonly Row[]): void => {
  const usual = rows.filter(({ name }) => !isAdversarial(name));
  const ratios = usual.map(({ ratio }) => ratio);
  const average = mean(ratios);
  const highest = Math.max(...ratios);
  target(
    `T1 core-hours ${average.toFixed(3)} × the oracle's on average`,
    '≤ 1.12',
    average <= 1.12,
  );
  target(`T1 at most ${highest.toFixed(3)} ×`, '≤ 1.25', highest <= 1.25);
  const tooBad = rows.filter(({ name, outcome }) => outcome.badShare > badAllowed(name));
  const named = tooBad.map(({ name, outcome }) => `${name} ${percentage(outcome.badShare)}`);
  target(
    `T2 bad requests over the limit: ${named.join(', ') || 'none'}`,
    'none',
    named.length === 0,
  );
  const turning = usual.filter(({ outcome }) => outcome.reversalsPerHour > 2);
  const turns = turning.map(
    ({ name, outcome }) => `${name} ${outcome.reversalsPerHour.toFixed(1)}`,
  );
  target(`T5 more than 2 turns an hour: ${turns.join(', ') || 'none'}`, 'none', turns.length === 0);
};

const judgeSlowStart = (rows: readonly Row[]): void => {
  for (const { name, outcome, ratio } of rows.filter((row) => row.name.startsWith('step'))) {
    target(
      `T3 ${name}: bad ${percentage(outcome.badShare)} at ${ratio.toFixed(2)} ×`,
      '≤ 5 % at ≤ 1.6 ×',
      outcome.badShare <= 0.05 && ratio <= 1.6,
    );
  }
};

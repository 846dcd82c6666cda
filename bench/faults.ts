/** Every fault of the table, each done many times under load; prints what it cost. */

import { inspect } from 'node:util';
import type { Fault } from '../test/process/faults/fault.ts';
import { startFaultApp } from '../test/process/faults/fault-app.ts';
import { type Load, type Outcome, runFault } from '../test/process/faults/run-fault.ts';
import { faults } from '../test/process/faults/table.ts';
import { median } from './figures.ts';

/**
 * The layout changes and the supervisor's deaths are what operators do: those get the most. A death
 * in the middle of an action comes at any moment of it: two hundred in all leave few untried.
 */
const often: Readonly<Record<string, number>> = {
  L1: 20,
  L2: 20,
  L3: 20,
  B1: 10,
  'B5-reload': 50,
  'B5-restart': 50,
  'B5-scale': 50,
  'B5-split': 50,
  B14: 1,
};
const wanted = process.argv.slice(2);

/** The next supervisors of one app are started only after a pause, which grows to half a minute. */
const deathsOfOneApp = 10;

let isInterrupted = false;
const interrupted = Promise.withResolvers<never>();
interrupted.promise.catch(() => undefined);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    interrupted.reject(new Error(signal));
  });
}

const loadOf = ({ id }: Fault): Load => {
  const times = often[id];
  return times === undefined
    ? { times: 3, requests: 5_000, pauseMs: 0 }
    : { times, requests: 50_000, pauseMs: 0 };
};

/** The same in all, in as many apps as it takes. */
const loadsOf = (fault: Fault): readonly Load[] => {
  const { times, requests, pauseMs } = loadOf(fault);
  const most = fault.takesSupervisor ? deathsOfOneApp : times;
  const apps = Math.ceil(times / most);
  return Array.from({ length: apps }, (_, index) => ({
    times: Math.min(most, times - index * most),
    requests: Math.ceil(requests / apps),
    pauseMs,
  }));
};

/** In an app of its own, which ends with it, and with this program. */
const run = async (fault: Fault, load: Load): Promise<Outcome> => {
  await using app = await startFaultApp();
  return await Promise.race([runFault(app, fault, load), interrupted.promise]);
};

const runAll = async (fault: Fault): Promise<Outcome> => {
  const all: Outcome[] = [];
  for (const load of loadsOf(fault)) all.push(await run(fault, load));
  const failures: Record<string, number> = {};
  for (const [kind, count] of all.flatMap((one) => Object.entries(one.failures))) {
    failures[kind] = (failures[kind] ?? 0) + count;
  }
  const figures: Record<string, readonly number[]> = {};
  for (const [what, values] of all.flatMap((one) => Object.entries(one.figures))) {
    figures[what] = [...(figures[what] ?? []), ...values];
  }
  const sum = (of: 'requests' | 'failed'): number => all.reduce((total, one) => total + one[of], 0);
  return { requests: sum('requests'), failed: sum('failed'), failures, figures };
};

/** `whole again after, ms: 540, 812 at most of 10`. */
const figureLine = ([what, values]: readonly [string, readonly number[]]): string => {
  const most = Math.max(...values);
  const rest = values.length === 1 ? '' : `, ${most.toFixed(0)} at most of ${values.length}`;
  return `      ${what}: ${median(values).toFixed(0)}${rest}\n`;
};

/** Whether it cost no more than it may. */
const report = async (fault: Fault): Promise<boolean> => {
  const { times } = loadOf(fault);
  const { requests, failed, failures, figures } = await runAll(fault);
  const allowed = fault.allowed * times;
  const why = failed === 0 ? '' : `  ${JSON.stringify(failures)}`;
  const cells = [fault.id.padEnd(5), String(times).padStart(5), String(requests).padStart(9)];
  process.stdout.write(
    `${cells.join(' ')} ${String(failed).padStart(7)} ${String(allowed).padStart(8)}  ${fault.fault}${why}\n`,
  );
  for (const each of Object.entries(figures)) process.stdout.write(figureLine(each));
  return failed <= allowed;
};

process.stdout.write('id    times  requests  failed  allowed  fault\n');
let worst = 0;
try {
  for (const fault of faults.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const isGood = await report(fault).catch((error: unknown) => {
      if (isInterrupted) throw error;
      process.stdout.write(`${fault.id.padEnd(5)} ${inspect(error, { depth: 6 })}\n`);
      return false;
    });
    if (!isGood) worst = 1;
  }
} catch (error) {
  process.stderr.write(`${inspect(error, { depth: 6 })}\n`);
  worst = 1;
}
// Clients of an app that was ended before its time still wait for answers.
process.exit(worst);

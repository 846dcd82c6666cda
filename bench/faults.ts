/** Every fault of the table, each done many times under load; prints what it cost. */

import type { Fault } from '../test/process/faults/fault.ts';
import { startFaultApp } from '../test/process/faults/fault-app.ts';
import { type Load, runFault } from '../test/process/faults/run-fault.ts';
import { faults } from '../test/process/faults/table.ts';

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

const loadOf = ({ id }: Fault): Load => {
  const times = often[id];
  return times === undefined
    ? { times: 3, requests: 5_000, pauseMs: 0 }
    : { times, requests: 50_000, pauseMs: 0 };
};

process.stdout.write('id    times  requests  failed  allowed  fault\n');
let worst = 0;
for (const fault of faults.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const load = loadOf(fault);
  await using app = await startFaultApp();
  const { requests, failed, failures } = await runFault(app, fault, load);
  const allowed = fault.allowed * load.times;
  if (failed > allowed) worst = 1;
  const why = failed === 0 ? '' : `  ${JSON.stringify(failures)}`;
  const cells = [fault.id.padEnd(5), String(load.times).padStart(5), String(requests).padStart(9)];
  process.stdout.write(
    `${cells.join(' ')} ${String(failed).padStart(7)} ${String(allowed).padStart(8)}  ${fault.fault}${why}\n`,
  );
}
process.exitCode = worst;

import { expect, test } from 'vitest';
import { startFaultApp } from './fault-app.ts';
import { runFault } from './run-fault.ts';
import { faults } from './table.ts';

/** The bench does each of them again and again with clients that never rest. */
const load = { times: 1, requests: 500, pauseMs: 20 };

test.for(faults.map((fault) => [`${fault.id} ${fault.fault}`, fault] as const))(
  '%s costs no more requests than it may',
  async ([, fault]) => {
    await using app = await startFaultApp();
    const { requests, failed, failures } = await runFault(app, fault, load);
    expect(requests).toBeGreaterThanOrEqual(load.requests);
    expect(failed, JSON.stringify(failures)).toBeLessThanOrEqual(fault.allowed * load.times);
  },
);

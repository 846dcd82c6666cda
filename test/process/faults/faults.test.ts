import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from './fault.ts';
import { type FaultApp, startFaultApp } from './fault-app.ts';
import { runFault } from './run-fault.ts';
import { faultGroups } from './table.ts';

/** The bench does each of them again and again with clients that never rest. */
const load = { times: 1, requests: 500, pauseMs: 40 };

const costsNoMoreThanItMay = async (app: FaultApp, fault: Fault): Promise<void> => {
  const { requests, failed, failures } = await runFault(app, fault, load);
  expect(requests).toBeGreaterThanOrEqual(load.requests);
  expect(failed, JSON.stringify(failures)).toBeLessThanOrEqual(fault.allowed * load.times);
};

const named = (faults: readonly Fault[]) =>
  faults.map((fault) => [`${fault.id} ${fault.fault}`, fault] as const);

/** Nobody is to die of it, and it leaves the app as it was, for the next one. */
const leavesAll = ({ killsWorker, takesSupervisor, allowed }: Fault): boolean =>
  !killsWorker && !takesSupervisor && allowed === 0;

describe.for(faultGroups)('$title', ({ faults }) => {
  const short = faults.filter((fault) => !fault.isLong);
  const lasting = short.filter(leavesAll);
  const passing = short.filter((fault) => !leavesAll(fault));

  describe.runIf(lasting.length > 0)('in one app', () => {
    let app: FaultApp;
    beforeAll(async () => {
      app = await startFaultApp();
    });
    afterAll(async () => {
      await app[Symbol.asyncDispose]();
    });
    test.for(named(lasting))('%s costs no more requests than it may', async ([, fault]) => {
      await costsNoMoreThanItMay(app, fault);
    });
  });

  test.for(named(passing))('%s costs no more requests than it may', async ([, fault]) => {
    await using app = await startFaultApp();
    await costsNoMoreThanItMay(app, fault);
  });
});

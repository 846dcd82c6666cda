import { expect, test } from 'vitest';
import { connect } from '../../src/sdk/control/client.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { quietMachine } from '../helpers/quiet-machine.ts';
import { socketOf } from '../helpers/snapshots.ts';
import { pidsOf } from '../helpers/status.ts';

/** Advice needs three stretches of ten seconds. */
const timeout = 60_000;
const quietFor = 30_000;

test('[A8] who holds its loop for 150 ms each second in a bare timer is named by the advice, and not ended', {
  timeout: quietFor + timeout + 30_000,
}, async () => {
  // A process that waits for a core is not told to be blocked.
  await quietMachine(quietFor);
  await using app = await startCopy('test/fixtures/apps/stutters');
  await using client = await connect(socketOf(app), { role: 'viewer' });
  const before = pidsOf(await client.request('status', {}));
  const snapshot = () => client.request('snapshot', {});
  const advised = async () =>
    (await snapshot()).advice.recommendations.map(
      ({ action, service, reason }) => `${action} ${service}: ${reason}`,
    );

  await expect
    .poll(advised, { timeout })
    .toEqual([
      expect.stringMatching(
        /^investigate report: .* in computeTotals \(services\/report\.mjs:13\)/,
      ),
    ]);

  const { events, status } = await snapshot();
  const told = events.filter(({ text }) => text.includes('computeTotals (/'));
  expect(told).toHaveLength(1);
  expect(pidsOf(status)).toEqual(before);
  expect(events.filter(({ text }) => /is replaced|does not answer/.test(text))).toEqual([]);
});

import { expect, test } from 'vitest';
import { connect } from '../../src/sdk/control/client.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { socketOf } from '../helpers/snapshots.ts';
import { pidsOf } from '../helpers/status.ts';

/** It may be looked at closely for nothing while everything starts, and then not for 20 s. */
const timeout = 60_000;

test('who holds its loop for 150 ms each second in a bare timer is named, and not ended [A8]', {
  timeout: timeout + 30_000,
}, async () => {
  await using app = await startCopy('test/fixtures/apps/stutters');
  await using client = await connect(socketOf(app), { role: 'viewer' });
  const before = pidsOf(await client.request('status', {}));
  const snapshot = () => client.request('snapshot', {});
  const told = async () =>
    (await snapshot()).events.filter(({ text }) => text.includes('held its event loop'));

  await expect
    .poll(told, { timeout })
    .toEqual([expect.objectContaining({ text: expect.stringMatching(/computeTotals \(\//) })]);

  const { events, status } = await snapshot();
  expect(pidsOf(status)).toEqual(before);
  expect(events.filter(({ text }) => /is replaced|does not answer/.test(text))).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { snapshotWhen } from '../helpers/snapshots.ts';
import { pidsOf, statusOf } from '../helpers/status.ts';

const settable = join(import.meta.dirname, '../fixtures/processes/settable-clock.mjs');
const hour = 3_600_000;

test('a clock that is set, back and forth, restarts nothing and takes no advice away', async () => {
  using clock = clockFile();
  await using app = await startCopy('test/fixtures/apps/heavy', {
    CLOCK_FILE: clock.path,
    NODE_OPTIONS: `--import ${settable}`,
  });
  const before = await statusOf(app);
  const { pid } = before.supervisor;
  const asking = keepAsking(`${app.http}/greet`);
  const { advice } = await snapshotWhen(app, (one) => one.advice.recommendations.length === 2);
  for (const setBy of [-hour, 0, 48 * hour, 0]) {
    clock.set(setBy, pid);
    const at = Date.now() + setBy;
    const after = await snapshotWhen(app, ({ status, events }) => {
      const isSet = Math.abs(Date.parse(status.at) - at) < hour / 2;
      return isSet && events.at(-1)?.text.startsWith('the clock was set by') === true;
    });
    expect(after.advice.recommendations.map(({ id }) => id)).toEqual(
      advice.recommendations.map(({ id }) => id),
    );
    expect(
      Math.max(...after.status.services.map(({ memoryBytes }) => memoryBytes)),
    ).toBeGreaterThan(0);
  }
  const after = await statusOf(app);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect(after.supervisor.pid).toBe(pid);
  expect((await asking.stop()).failures).toEqual([]);
});

const clockFile = () => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-clock-'));
  const path = join(directory, 'clock');
  return {
    path,
    set: (byMs: number, pid: number): void => {
      writeFileSync(path, String(byMs));
      process.kill(pid, 'SIGUSR2');
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};

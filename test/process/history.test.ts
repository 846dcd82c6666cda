import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { connect } from '../../src/sdk/control/client.ts';
import { readHistory } from '../../src/sdk/control/history.ts';
import { loadMemory } from '../../src/supervisor/history/saved-memory.ts';
import { readStore } from '../../src/supervisor/history/store.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { limitFileSize } from '../helpers/file-limit.ts';
import { historyFolder, start } from '../helpers/history.ts';
import { snapshotWhen, socketOf } from '../helpers/snapshots.ts';
import { actionsOf, nextSupervisor, pidsOf, statusOf } from '../helpers/status.ts';

const writer = join(import.meta.dirname, '../fixtures/processes/writes-history.ts');

test('a history whose writer is killed again and again is whole, and has what was told [B5]', async () => {
  using folder = historyFolder();
  let told = -1;
  for (const lines of [1, 2, 3, 7, 40, 150, 4, 90, 11, 1]) {
    const child = spawn(process.execPath, [writer, folder.file, String(told + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let heard = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      told = Number(line);
      heard += 1;
      if (heard === lines) child.kill('SIGKILL');
    }
    await ended;
  }
  const problems = readStore(folder.file, (database) =>
    database.prepare('PRAGMA integrity_check').all(),
  );
  expect(problems).toEqual([{ integrity_check: 'ok' }]);
  using history = folder.open();
  const { at } = history.query({ from: start, to: start + (told + 1) * 1_000, stepMs: 1_000 });
  expect(at).toEqual(Array.from({ length: told + 1 }, (_, second) => start + second * 1_000));
  expect(folder.said).toEqual([]);
});

const savedIn = (app: CopiedApp) =>
  readStore(join(app.directory, '.forge/history.db'), (database) =>
    loadMemory(database, Date.now()),
  );

test.concurrent('what was seen, said and learned outlives a killed supervisor, and can be decided again', async () => {
  await using app = await startCopy('test/fixtures/apps/heavy');
  const advised = await snapshotWhen(app, ({ advice }) => advice.recommendations.length === 2);
  const [first, second] = advised.advice.recommendations;
  const since = advised.status.supervisor.startedAt;
  await app.forge('scale', 'users', '2', '--json');
  await app.forge('advise', 'dismiss', orders(advised)?.id ?? '', '--why', 'it is so');
  // It is saved within ten seconds: the wait for pressure was longer than that.
  await snapshotWhen(app, ({ advice }) =>
    advice.notAdvised.some(({ service }) => service === 'orders'),
  );

  const replayed = await app.forge('advise', '--since', since, '--json');
  const { cases } = JSON.parse(replayed.stdout) as {
    readonly cases: readonly { readonly from: string; readonly recommendation: { id: string } }[];
  };
  expect(cases.map(({ recommendation }) => recommendation.id).toSorted()).toEqual(
    [first?.id, second?.id].toSorted(),
  );
  expect(cases.map(({ from }) => from)).toEqual([first?.since, second?.since]);

  process.kill(advised.status.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, advised.status.supervisor.pid);
  await using client = await connect(socketOf(app), { role: 'viewer' });
  const history = await readHistory((query) => client.request('history', query), {
    from: Date.parse(since),
    to: Date.now(),
  });
  expect(new Set(history.at).size).toBe(history.at.length);
  expect(history.at[0]).toBeLessThan(Date.parse(after.supervisor.startedAt));
  expect(Math.max(...(history.services['users']?.memoryMb ?? []))).toBeGreaterThan(10);
  const { events } = await client.request('snapshot', {});
  expect(events.filter(({ kind }) => kind === 'advice').length).toBeGreaterThanOrEqual(2);
  const saved = savedIn(app);
  expect(saved?.lost).toEqual([]);
  expect(saved?.memory.muted).toMatchObject([{ service: 'orders', action: 'investigate' }]);
  expect(saved?.memory.done).toMatchObject([{ service: 'users', direction: 'up' }]);
  expect(saved?.memory.services['orders']?.stretch?.seconds).toBeGreaterThanOrEqual(1);
  const kinds = (await actionsOf(app)).map(({ kind }) => kind);
  expect(kinds.slice(0, 2)).toEqual(['dismiss', 'scale']);
});

const orders = ({ advice }: Snapshot) =>
  advice.recommendations.find(({ service }) => service === 'orders');

test.concurrent('a supervisor on a full disk goes on, says so, and writes down what was done when there is room', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const { supervisor } = await statusOf(app);
  const asking = keepAsking(`${app.http}/hello`);
  limitFileSize(supervisor.pid, 1_000);
  const full = await snapshotWhen(app, says('the history is not kept'));
  const scaled = await app.forge('scale', 'names', '3', '--json');
  limitFileSize(supervisor.pid, 'unlimited');
  const roomy = await snapshotWhen(app, says('the history is kept again'));

  expect(JSON.parse(scaled.stdout)).toMatchObject({ status: 'done', to: { workers: 3 } });
  expect(roomy.status.supervisor.pid).toBe(full.status.supervisor.pid);
  expect((await asking.stop()).failures).toEqual([]);
  await snapshotWhen(app, says('the journal of actions is kept again'));
  using journal = new DatabaseSync(join(app.directory, '.forge/state.db'), { readOnly: true });
  const stages = journal.prepare('SELECT entry FROM journal ORDER BY number').all();
  expect(stages.map(({ entry }) => JSON.parse(String(entry)).action.status)).toEqual([
    'running',
    'done',
  ]);
});

const says =
  (text: string) =>
  ({ events }: Snapshot): boolean =>
    events.some((event) => event.text.startsWith(text));

const settable = join(import.meta.dirname, '../fixtures/processes/settable-clock.mjs');
const hour = 3_600_000;

test.concurrent('a clock that is set, back and forth, restarts nothing and takes no advice away [B10]', async () => {
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

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { eventListSchema } from '../../src/protocol/schema.ts';
import { statusOf } from '../helpers/status.ts';
import { talkFolder } from '../helpers/talk.ts';
import { openTerminal } from '../helpers/terminal.ts';

const eventsIn = (stdout: string) => v.parse(eventListSchema, JSON.parse(stdout)).events;

test('what happened is listed while the app runs, followed, and still there after its end', async () => {
  using folder = talkFolder();
  await using app = await folder.start();
  await using terminal = openTerminal(['events', '-f', '--app', folder.directory], {
    columns: 120,
    rows: 40,
    env: app.env,
  });
  const { services } = await statusOf(app);
  process.kill(services[0]?.workers[0]?.pid ?? 0, 'SIGKILL');
  await terminal.shows('SIGKILL');

  const listed = eventsIn((await app.forge('events', '--json')).stdout);
  const killed = listed.find(({ text }) => text.includes('SIGKILL'));
  expect(killed).toMatchObject({ kind: 'worker', severity: 'warning' });
  const since = eventsIn((await app.forge('events', '--json', '--since', killed?.at ?? '')).stdout);
  expect(since[0]).toEqual(killed);
  expect(eventsIn((await app.forge('events', '--json', '--since', '2100-01-01')).stdout)).toEqual(
    [],
  );

  await app.forge('stop');
  const { stdout, code } = await app.forge('events');
  expect(code).toBe(0);
  expect(stdout.split('\n').find((line) => line.includes('SIGKILL'))).toMatch(
    new RegExp(`^${killed?.at} {2}warning {3}`),
  );
  // The one that follows stays, and shows what happens under the next supervisor, each thing once.
  await using next = await folder.start();
  process.kill((await statusOf(next)).services[0]?.workers[0]?.pid ?? 0, 'SIGBUS');
  const rows = await terminal.shows('SIGBUS');
  expect(rows.filter((row) => row.includes('SIGKILL'))).toHaveLength(1);
});

test('without a supervisor and without a history there is nothing to read', async () => {
  using folder = talkFolder();
  expect((await folder.forge('events')).code).toBe(4);
});

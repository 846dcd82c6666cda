import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { pageOf } from '../helpers/past.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Size, type Terminal } from '../helpers/terminal.ts';
import { inspection, logLines } from './depths.ts';
import { calm, plan, rush, scaled } from './shop.ts';

const wide = { columns: 120, rows: 36 };
const small = { columns: 80, rows: 24 };

const end = Date.parse(rush.status.at);

const ago = (snapshot: Snapshot, seconds: number, events: Snapshot['events'] = []): Snapshot => ({
  ...snapshot,
  status: { ...snapshot.status, at: new Date(end - seconds * 1_000).toISOString() },
  events,
});

/** Ten minutes of calm, of which the supervisor was away for one; then the rush of the last half. */
const past = pageOf([
  ...Array.from({ length: 570 }, (_, index) => ago(calm, 600 - index)).filter(
    (_, index) => index < 300 || index >= 360,
  ),
  ...Array.from({ length: 31 }, (_, index) => ago(rush, 30 - index, rush.events)),
]);

const everything = {
  snapshot: rush,
  plan,
  action: scaled,
  inspection,
  logs: logLines,
  history: past,
};

const openTop = ({ socketPath }: FixedSupervisor, size: Size = wide): Terminal =>
  openTerminal(['top', '--socket', socketPath, '--every', '200'], {
    ...size,
    env: { NO_COLOR: '1' },
  });

describe.each([wide, small])('at $columns × $rows', (size) => {
  test('every part of the screen shows the moment that one has gone back to', async () => {
    await using supervisor = await serveFixed(everything);
    await using top = openTop(supervisor, size);
    await top.shows(/orders .* 612ms/);
    top.type('@-2m\r');
    await top.shows(/orders .* 71ms/);
    const screen = top.rows();
    expect(screen[0]).toMatch(/◀◀ REPLAY {2}09:36:19 UTC$/);
    expect(screen.at(-2)).toMatch(
      /^ ◀◀ REPLAY 09:36:19 {2}\(-2m00s\) {2}×1 ■ {2}L live {2}\[ \] 1 s/,
    );
    expect(screen.join('\n')).not.toContain('scale_up advised');
    expect(screen.join('\n')).not.toContain('ADVISOR  scale_up');
    top.type('}');
    await top.shows(/REPLAY 09:37:40/);
    top.type('}');
    await top.shows(/orders .* 612ms/);
    expect(top.rows()[0]).toContain('REPLAY  09:38:19');
    top.type('L');
    await top.shows('● LIVE');
    expect(top.rows().join('\n')).not.toContain('REPLAY');
  });
});

test('steps go by one and by ten seconds, over what was not recorded, and to the ends', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('612ms');
  const goes = async (keys: string, time: string): Promise<void> => {
    top.type(keys);
    await top.shows(`REPLAY ${time}`);
  };
  await goes('[', '09:38:18');
  await goes('[', '09:38:17');
  await goes('((', '09:37:57');
  await goes(')]', '09:38:08');
  await goes('g', '09:28:19');
  // From 09:33:19 on, for a minute, nobody was there.
  await goes('@09:33:18\r]]', '09:34:19');
  await goes('[', '09:33:18');
  await goes('G', '09:38:19');
  top.type(']');
  await top.shows('nothing was recorded later');
  top.type('@yesterday\r');
  await top.shows('write a time such as -5m');
  expect(supervisor.asked.filter(({ method }) => method === 'history')).toHaveLength(1);
});

test('it plays on by itself at the speed that was chosen, and stands still at the end', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('612ms');
  top.type('@-1m\rxxxx');
  await top.shows('×60 ■');
  top.type(' ');
  await top.shows(/REPLAY 09:38:19 .* ×60 ■/);
});

test('nothing can be done in the past, and each key says so', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('612ms');
  top.type('[');
  await top.shows('REPLAY 09:38:18');
  for (const key of ['a', '+', 'R', 'u', 'd']) {
    top.type(key);
    await top.shows(`${key}: the screen shows the past, where nothing can be done`);
  }
  top.type(':scale orders 2\r');
  await top.shows('scale: the screen shows the past');
  expect(supervisor.asked.map(({ method }) => method)).toEqual(['history']);
});

test('the lines of the log and the charts of a service are those of the moment', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('612ms');
  top.type('!\r');
  await top.shows('POST /orders 201 339 ms');
  top.type('@09:38:05\r');
  await top.shows(/POST \/orders 201 304 ms/);
  const screen = top.rows().join('\n');
  expect(screen).not.toContain('POST /orders 201 305 ms');
  expect(screen).toContain('no history is kept of this');
  expect(screen).toMatch(/CPU PER WORKER .* now 92%◆/);
  top.type('@09:37:30\r');
  await top.shows(/CPU PER WORKER .* now 1%/);
  top.type('L');
  await top.shows('POST /orders 201 339 ms');
});

test('the timeline has ten minutes as soon as they are read, or as many as there are', async () => {
  await using supervisor = await serveFixed({ ...everything, trend: past });
  await using top = openTop(supervisor);
  await top.shows(/TIMELINE {2}orders, last 10 min/);
  expect(top.rows().join('\n')).toMatch(/09:28:19 +09:31:39 +09:34:59 +now/);
  top.type('@-6m\r');
  await top.shows(/TIMELINE {2}gateway, last 5 min/);
  // Nobody was there then.
  top.type('@-4m30s\r');
  const screen = await top.shows('REPLAY 09:33:49');
  expect(screen.join('\n')).not.toContain('NaN');
  expect(screen.join('\n')).toMatch(/P99 +▁+ +- /);
});

test('one can look back while no supervisor answers, and comes back to what is live', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('612ms');
  top.type('[');
  await top.shows('REPLAY 09:38:18');
  top.type('L');
  await top.shows('● LIVE');
  await supervisor.close();
  await top.shows('no supervisor answers');
  top.type('@-5m\r');
  await top.shows('REPLAY 09:33:19');
  expect(top.rows()[0]).toContain('LOST');
  await supervisor.open();
  await top.shows(/(?<!LOST .*)◀◀ REPLAY {2}09:33:19/);
  top.type('L');
  await top.shows('● LIVE');
});

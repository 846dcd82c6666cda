import { expect, test } from 'vitest';
import { readHistory } from '../../src/sdk/control/history.ts';
import { afterHour, hourOf } from '../helpers/hour.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal } from '../helpers/terminal.ts';

const services = 50;
const hour = hourOf(services);
const last = afterHour(services);

test('an hour of fifty services and twelve series each is held in 16 MB', async () => {
  const history = await readHistory(async () => hour, { from: 0, to: Date.parse(last.status.at) });
  const columns = [history.machine, ...Object.values(history.services)].flatMap(
    (each): readonly Float32Array[] => Object.values(each),
  );
  expect(columns).toHaveLength(services * 12 + 4);
  expect(new Set(columns.map(({ length }) => length))).toEqual(new Set([3_600]));
  const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, history.at.byteLength);
  expect(bytes).toBeLessThan(16 * 1024 * 1024);
});

test('every second of the hour is gone to without asking the supervisor again', async () => {
  await using supervisor = await serveFixed({ snapshot: last, history: hour });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath], {
    columns: 160,
    rows: 50,
    env: { NO_COLOR: '1' },
  });
  await top.shows(/1\/50$/);
  const goes = async (keys: string, time: string, ago: string): Promise<void> => {
    top.type(keys);
    await top.shows(`REPLAY ${time}  (-${ago})`);
  };
  top.type('[');
  await top.shows(/REPLAY 09:59:59 .*×1 ■/);
  await goes('[', '09:59:58', '2s');
  const before = top.bytes();
  await goes('[', '09:59:57', '3s');
  // Every figure on it is another one.
  expect(top.bytes() - before).toBeLessThan(16_000);
  await goes('g', '09:00:01', '59m59s');
  await goes('))]', '09:00:22', '59m38s');
  await goes('@-31m\r', '09:29:00', '31m00s');
  await goes('}', '09:29:02', '30m58s');
  expect(supervisor.asked.map(({ method }) => method)).toEqual(['history']);
});

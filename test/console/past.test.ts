import { expect, test } from 'vitest';
import type { Action } from '../../src/protocol/action.ts';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { readHistory } from '../../src/sdk/control/history.ts';
import { actionsAt } from '../../src/tui/state/past-actions.ts';
import { parseTime } from '../../src/tui/state/replay.ts';
import { snapshotAt, toTape } from '../../src/tui/state/tape.ts';
import { pageOf } from '../helpers/past.ts';
import { calm, helped, relieved, rush, scaled } from './shop.ts';

const now = Date.parse('2026-11-25T22:15:07Z');

test.each([
  ['-5m', '2026-11-25T22:10:07.000Z'],
  ['-4m05s', '2026-11-25T22:11:02.000Z'],
  ['-90s', '2026-11-25T22:13:37.000Z'],
  ['-1h', '2026-11-25T21:15:07.000Z'],
  ['22:11', '2026-11-25T22:11:00.000Z'],
  [' 9:05:30 ', '2026-11-25T09:05:30.000Z'],
  // Not yet today: it was so yesterday.
  ['23:00', '2026-11-24T23:00:00.000Z'],
])('%j is a time', (text, iso) => {
  expect(new Date(parseTime(text, now) ?? 0).toISOString()).toBe(iso);
});

test.each(['', '-', '5m', '24:00', '22:60', 'yesterday'])('%j is none', (text) => {
  expect(parseTime(text, now)).toBeUndefined();
});

const at = (time: string): number => Date.parse(`2026-11-25T${time}Z`);
const measured: TimelineEvent = {
  at: '2026-11-25T09:38:19.000Z',
  kind: 'verification',
  severity: 'ok',
  service: 'orders',
  text: 'it helped',
};
const undo: Action = {
  ...scaled,
  id: 'undo-1',
  why: `undo of ${scaled.id}`,
  startedAt: '2026-11-25T09:40:00.000Z',
  finishedAt: '2026-11-25T09:40:01.000Z',
};
const journal: readonly Action[] = [undo, { ...helped, status: 'undone' }];

test.each<readonly [string, string, readonly TimelineEvent[], readonly (readonly string[])[]]>([
  ['before it', '09:37:00', [], []],
  ['while it ran', '09:37:49.200', [], [['a-1', 'running', 'unmeasured']]],
  ['after it', '09:38:00', [], [['a-1', 'done', 'unmeasured']]],
  ['once it was measured', '09:39:00', [measured], [['a-1', 'done', 'measured']]],
  [
    'while it was taken back',
    '09:40:00.500',
    [measured],
    [
      ['undo-1', 'running', 'unmeasured'],
      ['a-1', 'undone', 'measured'],
    ],
  ],
])('an action stands as it stood %s', (...[, time, events, expected]) => {
  const found = actionsAt(journal, events, at(time));
  expect(
    found.map(({ id, status, verification }) => [
      id,
      status,
      verification === undefined ? 'unmeasured' : 'measured',
    ]),
  ).toEqual(expected);
});

test('a moment of what was kept is what was seen, but for what is not kept', async () => {
  const history = await readHistory(async () => pageOf([calm, rush]), { from: 0, to: now });
  const { app, machine, supervisor: _none, ...status } = rush.status;
  const { thresholds } = rush.advice;
  const tape = toTape({
    app,
    machine: machine.name,
    thresholds,
    history,
    actions: relieved.actions,
  });
  const shown = snapshotAt(tape, Date.parse(status.at));
  const orders = shown.status.services.find(({ name }) => name === 'orders');
  expect(orders).toMatchObject({
    severity: 'critical',
    cpu: 92,
    pending: 240,
    latencyMs: { p50: 340, p90: 590, p99: 612, max: 640 },
    workers: [{ id: '_isolated:orders#1', cpu: Number.NaN }],
  });
  expect(shown.advice.recommendations).toEqual(rush.advice.recommendations);
  expect(shown.events).toEqual(rush.events);
  expect(shown.status.machine.cpu).toBeCloseTo(machine.cpu, 1);
  // The minute before has only these moments; where there was none there is no number.
  expect(shown.history['orders']?.p99.filter((value) => !Number.isNaN(value))).toEqual([612]);
});

test('the lines of a moment are those that held then, also when the config has others by now', async () => {
  const strict = { ...rush.advice.thresholds, latencyP99: { warning: 10, critical: 20 } };
  const time = new Date(Date.parse(rush.status.at) - 60_000).toISOString();
  const then = {
    ...rush,
    status: { ...rush.status, at: time },
    advice: { ...rush.advice, thresholds: strict },
  };
  const history = await readHistory(async () => pageOf([then, rush]), { from: 0, to: now });
  const today = { ...rush.advice.thresholds, pending: { warning: 1, critical: 2 } };
  const tape = toTape({ app: 'shop', machine: 'eu-1', thresholds: today, history, actions: [] });
  const lines = (at: string) => snapshotAt(tape, Date.parse(at)).advice.thresholds;
  expect(lines(then.status.at)).toEqual(strict);
  expect(lines(rush.status.at)).toEqual(rush.advice.thresholds);
  // An older supervisor did not keep them.
  const records = history.records.map((record) => {
    if (record.kind !== 'advice') return record;
    const { thresholds: _none, ...rest } = record;
    return rest;
  });
  const older = toTape({ ...tape, history: { ...history, records } });
  expect(snapshotAt(older, Date.parse(rush.status.at)).advice.thresholds).toEqual(today);
});

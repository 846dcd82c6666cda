import { expect, test } from 'vitest';
import type { WorkerStatus } from '../../src/protocol/topology.ts';
import { instant, seconds } from '../../src/protocol/units.ts';
import { crashReason } from '../../src/supervisor/process/crash-reason.ts';
import {
  type Event,
  initialState,
  type State,
  transition,
} from '../../src/supervisor/process/lifecycle.ts';
import { policyFor } from '../../src/supervisor/process/policy.ts';

const policy = policyFor({ start: seconds(30), stop: seconds(10) });
const base = { crashes: [], restarts: 0, denials: 0 };
const crashAt = (second: number): Extract<Event, { type: 'exited' }> => ({
  type: 'exited',
  at: instant(second * 1_000),
  reason: 'exit code 1',
  jitter: 1,
});
const play = (events: readonly Event[], from: State = initialState): State =>
  events.reduce((state, event) => transition(state, event, policy).state, from);

test('the first crash is answered at once, the next ones later and later', () => {
  const first = transition({ ...base, status: 'ready' }, crashAt(1), policy);
  expect(first.state).toMatchObject({ status: 'waiting', restarts: 1 });

  let state = play([{ type: 'proceed' }], first.state);
  const pauses = [2, 3, 4].map((second) => {
    const next = transition(state, crashAt(second), policy);
    expect(next.state).toMatchObject({ status: 'backoff', reason: 'exit code 1' });
    state = play([{ type: 'timeout' }, { type: 'proceed' }], next.state);
    return next.effects;
  });
  expect(pauses).toEqual([100, 200, 400].map((afterMs) => [{ type: 'arm', afterMs }]));
});

test('five crashes in a minute are too many, five in five minutes are not', () => {
  const often = [1, 2, 3, 4, 5].flatMap(
    (at) => [crashAt(at), { type: 'timeout' }, { type: 'proceed' }] as const,
  );
  expect(play([{ type: 'start' }, { type: 'proceed' }, ...often])).toMatchObject({
    status: 'failed',
    reason: 'exit code 1 (5 crashes in 60 s)',
  });
  const seldom = [1, 61, 122, 183, 244].flatMap(
    (at) => [crashAt(at), { type: 'proceed' }, { type: 'ready' }] as const,
  );
  expect(
    play([{ type: 'start' }, { type: 'proceed' }, { type: 'ready' }, ...seldom]),
  ).toMatchObject({
    status: 'ready',
    restarts: 5,
  });
});

test('while the system has no room for it a worker is tried again, ever later, and that is no crash', () => {
  const denied: Event = { ...crashAt(1), reason: 'no room', isDenied: true };
  let state: State = { ...base, crashes: [instant(500)], restarts: 1, status: 'starting' };
  const pauses = Array.from({ length: 8 }, () => {
    const next = transition(state, denied, policy);
    expect(next.state).toMatchObject({ status: 'backoff', reason: 'no room', restarts: 1 });
    state = play([{ type: 'timeout' }, { type: 'proceed' }], next.state);
    return next.effects;
  });
  expect(pauses.flat()).toEqual(
    [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map((afterMs) => ({ type: 'arm', afterMs })),
  );
  const ready = play([{ type: 'ready' }], state);
  expect(ready).toMatchObject({ status: 'ready', crashes: [500], restarts: 1 });
  expect(play([crashAt(1)], ready)).toMatchObject({ status: 'backoff', denials: 0 });
});

test('a worker that is stopped while there is no room for it is stopped', () => {
  const denied: Event = { ...crashAt(1), isDenied: true };
  expect(play([{ type: 'stop' }, denied], { ...base, status: 'starting' }).status).toBe('stopped');
});

test('a worker that is not ready in time is killed, and its crash says so', () => {
  const late = transition({ ...base, status: 'starting' }, { type: 'timeout' }, policy);
  expect(late.effects).toContainEqual({ type: 'signal', signal: 'SIGKILL' });
  const again = play([crashAt(1), { type: 'proceed' }, crashAt(2)], late.state);
  expect(again).toMatchObject({ status: 'backoff' });
});

test('what a worker wrote before it was killed is told only when it was late', () => {
  const reason = 'SIGKILL: listening on 80';
  const killed = { type: 'exited', at: instant(1_000), reason, jitter: 1 } as const;
  expect(crashReason({ ...base, status: 'ready' }, killed)).toBe('SIGKILL');
  const late: State = { ...base, status: 'starting', late: 'not ready within 1 s' };
  expect(crashReason(late, killed)).toBe('not ready within 1 s: its last words: listening on 80');
});

test('a worker is told to drain as soon as everyone else knows, and only once', () => {
  const announced: Event = { type: 'announced' };
  const stopped = transition({ ...base, status: 'ready' }, { type: 'stop' }, policy);
  const told = transition(stopped.state, announced, policy);
  expect(told.effects).toContainEqual({ type: 'send', message: 'drain' });
  expect(transition(told.state, announced, policy)).toEqual({ state: told.state, effects: [] });
});

test('stopping a ready worker announces it, drains it, asks it, terminates it and at last kills it', () => {
  const steps: readonly Event[] = [
    { type: 'stop' },
    { type: 'timeout' },
    { type: 'timeout' },
    { type: 'timeout' },
    { type: 'timeout' },
  ];
  let state: State = { ...base, status: 'ready' };
  const done = steps.map((event) => {
    const next = transition(state, event, policy);
    state = next.state;
    return next.effects;
  });
  expect(done).toEqual([
    [{ type: 'count' }, { type: 'armBy', byMs: 200 }],
    [
      { type: 'send', message: 'drain' },
      { type: 'armBy', byMs: 5_000 },
    ],
    [
      { type: 'send', message: 'stop' },
      { type: 'armBy', byMs: 9_000 },
    ],
    [
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'armBy', byMs: 10_000 },
    ],
    [{ type: 'signal', signal: 'SIGKILL' }, { type: 'disarm' }],
  ]);
  expect(play([crashAt(1)], state).status).toBe('stopped');
});

test('a worker that is drained early has the rest of its time to end', () => {
  const drained = play([{ type: 'stop' }, { type: 'announced' }], { ...base, status: 'ready' });
  const asked = transition(drained, { type: 'drained' }, policy);
  expect(asked.effects).toContainEqual({ type: 'armBy', byMs: 9_000 });
});

const afterStop: readonly (readonly [State, WorkerStatus])[] = [
  [{ ...base, status: 'waiting' }, 'stopped'],
  [{ ...base, status: 'starting' }, 'stopping'],
  [{ ...base, status: 'ready' }, 'draining'],
  [{ ...base, status: 'draining', isTold: true }, 'draining'],
  [{ ...base, status: 'stopping', step: 'asked' }, 'stopping'],
  [{ ...base, status: 'stopped' }, 'stopped'],
  [{ ...base, status: 'backoff', reason: '' }, 'stopped'],
  [{ ...base, status: 'failed', reason: '' }, 'stopped'],
];

test.each(afterStop)('a stop in %o leads to %s, and an exit then to stopped', (state, status) => {
  const stopping = play([{ type: 'stop' }], state);
  expect(stopping.status).toBe(status);
  expect(play([crashAt(1)], stopping).status).toBe('stopped');
});

test('waiting for its turn does not use up the time a worker has to start', () => {
  const waiting = transition(initialState, { type: 'start' }, policy);
  expect(waiting).toMatchObject({ state: { status: 'waiting' }, effects: [{ type: 'disarm' }] });
  const proceeding = transition(waiting.state, { type: 'proceed' }, policy);
  expect(proceeding.effects).toEqual([{ type: 'spawn' }, { type: 'arm', afterMs: 30_000 }]);
  const starting = proceeding.state;
  const bound = transition(starting, { type: 'bound' }, policy);
  expect(bound.effects).toEqual([{ type: 'disarm' }]);
  const begun = transition(bound.state, { type: 'begin' }, policy);
  expect(begun.effects).toEqual([{ type: 'arm', afterMs: 30_000 }]);
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { LoopDelay } from '../../src/sdk/rpc/meters/loop-delay.ts';
import { ProcessMeter } from '../../src/sdk/rpc/meters/process-meter.ts';
import { ServiceMeter } from '../../src/sdk/rpc/meters/service-meter.ts';

test('a sample says what the collector took of its period, and the next one does not say it again', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const meter = new ProcessMeter();
  const took: number[] = [];
  collect();
  // The engine tells of it a little later.
  await expect
    .poll(() => {
      took.push(meter.take([]).gcMs ?? 0);
      return took.at(-1);
    })
    .toBeGreaterThan(0);
  const [told = 0] = took.splice(-1);
  await expect.poll(() => meter.take([]).gcMs).toBeLessThan(told);
});

test('a sample leaves out who did nothing, has nothing under way and never called anybody', () => {
  const meter = new ProcessMeter();
  const told = (service: ServiceMeter) => meter.take([service]).services.length;
  const users = new ServiceMeter('users');
  expect(told(users)).toBe(0);

  users.arrived(0);
  expect([told(users), told(users)]).toEqual([1, 1]);
  users.answered(2, false);
  expect([told(users), told(users)]).toEqual([1, 0]);

  users.events.emitted('user.created');
  expect([told(users), told(users)]).toEqual([1, 0]);
  users.methods.of('call', 'get').answered(1, 'ok');
  expect([told(users), told(users)]).toEqual([1, 0]);
  users.slice(4);
  expect([told(users), told(users)]).toEqual([1, 0]);

  const billing = users.awaiting('billing');
  billing.began();
  expect([told(users), told(users)]).toEqual([1, 1]);
  billing.ended(3, 0);
  expect([told(users), told(users)]).toEqual([1, 1]);
});

/** As a service does it, in a timer of its own. */
const holdAgainAndAgain = (): Disposable => {
  const timer = setInterval(() => {
    for (const end = performance.now() + 300; performance.now() < end; );
  }, 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

test('a sample says how long a bare timer held the loop, and a later one does not say it again', async () => {
  const meter = new ProcessMeter();
  const take = () => meter.take([]).eventLoopDelayMs;
  expect(take()).toBeUndefined();

  meter.watchLoop();
  {
    using _held = holdAgainAndAgain();
    await expect.poll(take).toBeGreaterThanOrEqual(200);
  }
  await expect.poll(take).toBeLessThan(200);
});

test('a loop that had nothing to do was not held, however late it turns', async () => {
  using _held = holdAgainAndAgain();
  const [held, idle] = [new LoopDelay(), new LoopDelay()];
  await expect.poll(() => held.take(300)).toBeGreaterThanOrEqual(200);
  expect(idle.take(0)).toBe(0);
});

test('what held the loop is told once', async () => {
  const delay = new LoopDelay();
  {
    using _held = holdAgainAndAgain();
    await expect.poll(() => delay.take(1_000)).toBeGreaterThanOrEqual(200);
  }
  await expect.poll(() => delay.take(1_000)).toBe(0);
});

import { setTimeout as after, setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { requestContext } from '../../src/sdk/request-context.ts';
import { type InboundCall, now } from '../../src/sdk/rpc/calls.ts';
import { Cancellation } from '../../src/sdk/rpc/cancellation.ts';
import { Service } from '../../src/sdk/service.ts';
import { meterContinuations } from '../../src/sdk/worker/slices.ts';
import { host } from '../helpers/carriers.ts';

const clock = new Int32Array(new SharedArrayBuffer(4));
const hold = (ms: number): void => void Atomics.wait(clock, 0, 0, ms);

/** Of a method of a service, taken up now. */
const call = (service: string, method: string): InboundCall => ({
  kind: 'call',
  service,
  method,
  args: [],
  from: 'test',
  sentAt: now(),
  takenAt: now(),
  deadlineMs: 0,
  traceparent: '',
  carried: { hops: 0 },
  cancellation: new Cancellation(),
});

class Pieces extends Service {
  static contract = { expose: ['work'] };

  /** Holds the loop five times, gives it back three times, and changes its context in between. */
  async work(): Promise<void> {
    hold(2);
    await turn();
    hold(2);
    await undefined;
    const changed = requestContext.getStore()?.with({ traceparent: 'another' });
    if (changed === undefined) throw new Error('There is no request');
    await requestContext.run(changed, async () => {
      await turn();
      hold(2);
    });
    for (let piece = 0; piece < 2; piece += 1) {
      hold(2);
      await undefined;
    }
  }
}

const inner = host('pieces', Pieces);

class Comings extends Service {
  static contract = { expose: ['wait', 'goOn'] };

  async wait(): Promise<void> {
    await after(5);
    await after(5);
  }

  async goOn(): Promise<void> {
    for (let piece = 0; piece < 5; piece += 1) await undefined;
  }
}

class Around extends Service {
  static contract = { expose: ['ask'] };

  async ask(): Promise<void> {
    hold(1);
    await inner.handle(call('pieces', 'work'));
  }
}

meterContinuations();

test('a request that holds the loop in many pieces is one that holds it for all of them', async () => {
  inner.meter.take();
  await inner.handle(call('pieces', 'work'));
  const { held, slices, cpuMs } = inner.meter.take();
  expect(slices.count).toBeGreaterThan(4);
  expect(held?.count).toBe(1);
  expect(held?.sumMs).toBeCloseTo(cpuMs);
  expect(held?.sumOfSquaresMs2).toBeCloseTo(cpuMs * cpuMs);
});

test('what a service of the same worker does for a request is not counted as held by its caller', async () => {
  const outer = host('around', Around);
  inner.meter.take();
  await outer.handle(call('around', 'ask'));
  const [asked, worked] = [outer.meter.take(), inner.meter.take()];
  expect(asked.held?.sumMs).toBeCloseTo(asked.cpuMs);
  expect(worked.held?.sumMs).toBeCloseTo(worked.cpuMs);
  expect(worked.held?.count).toBe(1);
});

test('who waits for something comes to the loop once more, and who goes on at once does not', async () => {
  const comings = host('comings', Comings);
  await comings.handle(call('comings', 'wait'));
  expect(comings.meter.take().held?.visits).toBeGreaterThanOrEqual(3);
  const times = 50;
  for (let time = 0; time < times; time += 1) {
    await comings.handle(call('comings', 'goOn'));
  }
  // Whenever this process is held up by others, one may be counted that was none.
  const { held } = comings.meter.take();
  expect(held?.count).toBe(times);
  expect(held?.visits).toBeLessThan(times * 3);
});

import { expect, test } from 'vitest';
import { contractOf } from '../../src/sdk/contract.ts';
import type { Around } from '../../src/sdk/interceptors/interceptor.ts';
import { type Client, Service } from '../../src/sdk/service.ts';
import { Hosted } from '../../src/sdk/worker/hosted.ts';
import { Switchboard } from '../../src/sdk/worker/switchboard.ts';
import { host } from '../helpers/carriers.ts';
import { quietLog } from '../helpers/quiet-log.ts';

class Narrow extends Service {
  static readonly contract = { expose: ['now', 'later', 'fail', 'failLater', 'until'] };
  readonly gate = Promise.withResolvers<string>();

  now(): string {
    return 'now';
  }
  async later(): Promise<string> {
    return 'later';
  }
  fail(): never {
    throw Object.assign(new Error('no'), { code: 'NO' });
  }
  async failLater(): Promise<never> {
    return this.fail();
  }
  until(): Promise<string> {
    return this.gate.promise;
  }
}

class Caller extends Service {}

/** One call of it runs at a time, and one more waits. */
const narrow = (around: readonly Around[]) => {
  const service = new Narrow();
  const contract = {
    ...contractOf('narrow', Narrow),
    calls: { '*': { concurrency: { most: 1, queue: 1 } } },
  };
  const interceptors = { server: around, client: [] };
  const hosted = new Hosted({ name: 'narrow', service, contract, log: quietLog, interceptors });
  const switchboard = new Switchboard({
    workerId: 'narrow#1',
    hosted: new Map([['narrow', hosted]]),
    requestTimeoutMs: 30_000,
  });
  // Made of the methods that are called.
  const client = switchboard.proxy(host('caller', Caller), 'narrow') as Client<Narrow>;
  return { client, service, [Symbol.dispose]: () => switchboard.close() };
};

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    ({ code }) => code,
  );

test.each([
  ['with nothing else round it', []],
  ['with an interceptor round it', [(call, next) => next(call)] satisfies Around[]],
])(
  'a service, %s, runs as many calls as it may, and has their places again',
  async (_name, around) => {
    using full = narrow(around);
    const { client, service } = full;

    for (let turn = 0; turn < 3; turn += 1) {
      expect(await client.now()).toBe('now');
      expect(await client.later()).toBe('later');
      expect(await codeOf(client.fail())).toBe('NO');
      expect(await codeOf(client.failLater())).toBe('NO');
    }
    const running = client.until();
    const waiting = client.later();
    expect(await codeOf(client.now())).toBe('RESOURCE_EXHAUSTED');
    service.gate.resolve('over');
    expect([await running, await waiting, await client.now()]).toEqual(['over', 'later', 'now']);
  },
);

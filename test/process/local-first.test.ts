import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/protocol/topology.ts';
import { Service } from '../../src/sdk/service.ts';
import { Switchboard } from '../../src/sdk/worker/switchboard.ts';
import { host } from '../helpers/carriers.ts';
import { answer } from '../helpers/rpc.ts';

class Callee extends Service {
  static readonly contract = { expose: ['where'] };
  readonly release = Promise.withResolvers<void>();

  async where(): Promise<string> {
    await this.release.promise;
    return 'here';
  }
}

test('a call stays in its worker, and goes elsewhere only when much more is under way here', async () => {
  const here = host('callee', Callee);
  await using other = await answer(async () => 'there');
  const switchboard = new Switchboard({
    workerId: 'callee#1',
    hosted: new Map([['callee', here]]),
    requestTimeoutMs: 10_000,
    own: 'own.sock',
  });
  const endpoint = (workerId: string, rpcPath: string): Endpoint => ({
    ...{ workerId, rpcPath },
    httpPath: '',
    draining: false,
  });
  const endpoints = [endpoint('callee#1', 'own.sock'), endpoint('callee#2', other.path)];
  const { contract } = here;
  switchboard.update({ generation: 1, services: { callee: { contract, endpoints } }, remotes: [] });
  // A proxy has the methods that the class has.
  const callee = switchboard.proxy(host('caller', Callee), 'callee') as Callee;

  const few = Array.from({ length: 8 }, () => callee.where());
  expect(here.meter.inFlight).toBe(8);
  expect(await callee.where()).toBe('there');

  (here.service as Callee).release.resolve();
  expect(await Promise.all(few)).toEqual(Array.from({ length: 8 }, () => 'here'));
  expect(await callee.where()).toBe('here');
  switchboard.close();
});

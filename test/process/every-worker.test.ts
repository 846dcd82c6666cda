import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/protocol/topology.ts';
import { type Client, Service } from '../../src/sdk/service.ts';
import { Switchboard } from '../../src/sdk/worker/switchboard.ts';
import { host } from '../helpers/carriers.ts';
import { answer, answerElsewhere } from '../helpers/rpc.ts';

class Callee extends Service {
  static readonly contract = { expose: ['where', 'never', 'take'] };

  where(): string {
    return 'here';
  }
  never(): Promise<string> {
    return Promise.resolve('at once');
  }
  take(_items: AsyncIterable<number>): void {}
}

const here = host('callee', Callee);

const switchboardOf = (endpoints: readonly Endpoint[]): Switchboard => {
  const hosted = new Map([['callee', here]]);
  const options = { workerId: 'callee#1', hosted, requestTimeoutMs: 10_000, own: 'own.sock' };
  const switchboard = new Switchboard(options);
  const { contract } = here;
  switchboard.update({ generation: 1, services: { callee: { contract, endpoints } }, remotes: [] });
  return switchboard;
};

const endpoint = (workerId: string, rpcPath: string, change: Partial<Endpoint> = {}): Endpoint => ({
  ...{ workerId, rpcPath, httpPath: '', draining: false },
  ...change,
});

const clientOf = (switchboard: Switchboard) =>
  // A proxy has the methods that the class has.
  switchboard.proxy(host('caller', Callee), 'callee') as Client<Callee>;

test('a call to every worker is answered by each, also by the one that it is made in', async () => {
  await using other = await answer(async () => 'there');
  await using broken = await answer(() => {
    throw new Error('no');
  });
  await using leaving = await answer(async () => 'too late');
  const switchboard = switchboardOf([
    endpoint('callee#1', 'own.sock'),
    endpoint('callee#2', other.path),
    endpoint('callee#3', broken.path),
    endpoint('callee#4', leaving.path, { draining: true, leaving: true }),
  ]);
  const answers = await clientOf(switchboard).with({ workers: 'all' }).where();
  expect(answers).toEqual([
    { worker: 'callee#1', status: 'fulfilled', value: 'here' },
    { worker: 'callee#2', status: 'fulfilled', value: 'there' },
    { worker: 'callee#3', status: 'rejected', reason: expect.objectContaining({ message: 'no' }) },
  ]);
  switchboard.close();
});

test('that one worker dies or does not answer takes no answer of the others away', async () => {
  await using dead = await answerElsewhere();
  const switchboard = switchboardOf([
    endpoint('callee#1', 'own.sock'),
    endpoint('callee#2', dead.path),
  ]);
  const client = clientOf(switchboard);
  const late = await client.with({ workers: 'all', timeout: 50 }).never();
  const failed = { worker: 'callee#2', status: 'rejected' };
  const fine = { worker: 'callee#1', status: 'fulfilled', value: 'at once' };
  expect(late).toEqual([
    fine,
    { ...failed, reason: expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }) },
  ]);
  const asked = client.with({ workers: 'all' }).never();
  await dead.kill();
  expect(await asked).toEqual([
    fine,
    { ...failed, reason: expect.objectContaining({ code: 'UNAVAILABLE' }) },
  ]);
  switchboard.close();
});

test('a call to every worker of none, or with a stream, is refused', async () => {
  const switchboard = switchboardOf([]);
  const client = clientOf(switchboard).with({ workers: 'all' });
  await expect(client.where()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(client.take((async function* () {})())).rejects.toThrow('read once');
  switchboard.close();
});

test('a remote service is asked as one: how many workers it has is not known here', async () => {
  const switchboard = switchboardOf([]);
  const remotes = [{ name: 'callee', address: 'http://127.0.0.1:1' }];
  switchboard.update({ generation: 2, services: {}, remotes });
  const asked = clientOf(switchboard).with({ workers: 'all' }).where();
  await expect(asked).rejects.toThrow('callee.where: a remote service is asked as one');
  switchboard.close();
});

import { expect, test } from 'vitest';
import { type Client, Service } from '../../src/sdk/service.ts';
import { proxyOf } from '../../src/sdk/worker/proxy.ts';

class Users extends Service {
  getUser(id: number): { readonly id: number } {
    return { id };
  }
  async *list(): AsyncGenerator<string> {
    yield 'Ada';
  }
  sum(_numbers: AsyncIterable<number>): number {
    return 0;
  }
}

/** As after somebody renamed `getUser`. */
class Renamed extends Service {
  findUser(id: number): { readonly id: number } {
    return { id };
  }
}

/** Never run: each line is for the compiler, which refuses an expectation that is not met. */
const uses = async (users: Client<Users>, renamed: Client<Renamed>): Promise<void> => {
  const user: { readonly id: number } = await users.getUser(1);
  const patient: { readonly id: number } = await users.with({ timeout: '2s' }).getUser(user.id);
  for await (const name of await users.list()) name.toUpperCase();
  const sum: number = await users.sum(users.list as unknown as AsyncIterable<number>);
  await renamed.findUser(patient.id + sum);
  // @ts-expect-error it has another name now
  await renamed.getUser(1);
  // @ts-expect-error an id is a number
  await users.getUser('1');
  // @ts-expect-error what every service has is not for others
  users.onStop('now');
  // @ts-expect-error a list is no answer yet
  users.list().next();
  for (const each of await users.with({ workers: 'all' }).getUser(1)) {
    if (each.status === 'fulfilled') each.value.id.toFixed();
    // @ts-expect-error it may have failed
    else each.value.id.toFixed();
  }
  // @ts-expect-error no such option
  users.with({ timeOut: 5 });
};

test('options add up, a method keeps its identity, and no proxy is taken for a promise', async () => {
  const asked: unknown[] = [];
  const users = proxyOf(
    (method) =>
      async (...ask) =>
        asked.push([method, ...ask]),
  ) as Client<Users>;
  await users.with({ timeout: 5 }).with({ key: 'a' }).getUser(1);
  expect(asked).toEqual([['getUser', [1], { timeout: 5, key: 'a' }]]);
  expect(users.getUser).toBe(users.getUser);
  expect(await users).toBe(users);
  expect(uses).toBeTypeOf('function');
});

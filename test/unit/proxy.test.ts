import { expect, test } from 'vitest';
import { proxyOf } from '../../src/sdk/worker/proxy.ts';

const calls: string[] = [];
const users = proxyOf((method) => async () => calls.push(method)) as {
  readonly getUser: () => Promise<number>;
};

test('to await a service, or to write it into a log, calls nobody', async () => {
  expect(await users).toBe(users);
  expect(JSON.stringify({ users })).toBe('{"users":{}}');
  expect(() => String(users)).toThrow(TypeError);
  await users.getUser();
  expect(calls).toEqual(['getUser']);
});

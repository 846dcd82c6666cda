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

test.each([
  [{ timeOut: 5 }, 'timeOut is no option of with(): write timeout, retries, key'],
  [{ timeout: 'soon' }, "soon is no timeout: write 500 or '2s'"],
  [{ timeout: -1 }, "-1 is no timeout: write 500 or '2s'"],
  [{ retries: 'twice' }, 'twice is no retries: write 0, 1 or more'],
  [{ key: { id: 7 } }, '[object Object] is no key: write a text'],
  [{ workers: 'some' }, "some is no workers: write 'one' or 'all'"],
  [{ headers: new Headers({ authorization: 'x' }) }, '[object Headers] is no headers: write {'],
  [{ signal: {} }, '[object Object] is no signal: write an AbortSignal'],
])('options that would be without effect are refused: %j', (options, problem) => {
  const { with: change } = users as unknown as { readonly with: (options: object) => unknown };
  expect(() => change(options)).toThrow(problem);
});

test('options that are left out are as if they were not there', () => {
  const { with: change } = users as unknown as { readonly with: (options?: object) => unknown };
  expect(() => change({ timeout: undefined, retries: 0, key: 7 })).not.toThrow();
  expect(() => change(undefined)).not.toThrow();
});

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';

const NewUser = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  age: v.optional(v.number(), 18),
});
const Id = z.object({ id: z.coerce.number().int() });

class Users extends Service {
  static readonly contract = {
    expose: {
      get: { input: z.coerce.number(), output: z.object({ id: z.number() }) },
      both: { input: [z.string(), NewUser] },
      slow: { input: z.string().refine(async (text) => text !== 'bad') },
    },
    routes: [
      { method: 'POST', path: '/users', handler: 'create', input: NewUser, output: NewUser },
      { method: 'GET', path: '/users/:id', handler: 'show', input: [undefined, Id] },
    ],
    emits: { create: 'user.created' },
  } as const;

  get(id: number): unknown {
    return id === 0 ? { id: 'zero' } : { id, secret: 'password' };
  }
  both(...args: readonly unknown[]): unknown {
    return args;
  }
  slow(text: string): string {
    return text;
  }
  create(user: { readonly name: string }): unknown {
    return user.name === 'nobody' ? { ...user, name: '' } : user;
  }
  show(_body: unknown, params: unknown, query: unknown): unknown {
    return { params, query };
  }
}

const start = () => startApp({ users: Users });
// What a compiler refuses, a peer can send.
const odd = (value: unknown): never => value as never;

test('a method gets what its schemas made of the arguments, by zod and by valibot', async () => {
  await using app = await start();
  const users = app.as<Users>('users');
  expect(await users.get(odd('7'))).toEqual({ id: 7 });
  expect(await users.both('a', { name: 'Ada' }, 'more')).toEqual([
    'a',
    { name: 'Ada', age: 18 },
    'more',
  ]);
  expect(await users.slow('good')).toBe('good');
});

test('input that does not fit is refused with its place, and never reaches the method', async () => {
  await using app = await start();
  const users = app.as<Users>('users');
  await expect(users.get(odd('x'))).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    httpStatus: 400,
  });
  await expect(users.both('a', { name: '' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('users.both cannot take this input: argument 2.name: '),
  });
  await expect(users.both('a')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(users.slow('bad')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('an answer that does not fit is an error of the service, and publishes nothing', async () => {
  await using app = await start();
  await expect(app.as<Users>('users').get(0)).rejects.toMatchObject({ code: 'OUTPUT_INVALID' });
  expect(await app.http('POST', '/users', { name: 'nobody' })).toMatchObject({ status: 500 });
  expect(app.emitted).toEqual([]);
});

test('a route answers 201 with what its output leaves, 400 with the place, and 200 to GET', async () => {
  await using app = await start();
  const body = { name: 'Ada', admin: true };
  expect(await app.http('POST', '/users', body)).toEqual({
    status: 201,
    body: { name: 'Ada', age: 18 },
  });
  expect(app.emitted).toEqual([
    { from: 'users', event: 'user.created', payload: { name: 'Ada', age: 18 } },
  ]);
  expect(await app.http('POST', '/users', { name: 7 })).toMatchObject({
    status: 400,
    body: { error: { code: 'INPUT_INVALID', message: expect.stringContaining('body.name: ') } },
  });
  const shown = await app.http('GET', '/users/7?x=1');
  expect(shown).toEqual({ status: 200, body: { params: { id: 7 }, query: { x: '1' } } });
  expect(await app.http('GET', '/users/x')).toMatchObject({ status: 400 });
});

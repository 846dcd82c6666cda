import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { writeApp } from '../helpers/written-app.ts';

const users = `
import { Service } from 'threadforge';
export default class Users extends Service {
  static contract = { expose: ['who'], routes: [{ method: 'GET', path: '/who', handler: 'who' }] };
  who() { return this.ctx.name; }
}
`;
const front = `
import { Service } from 'threadforge';
export default class Front extends Service {
  static contract = { expose: ['ask', 'askFor'] };
  async ask(times) {
    const names = await Promise.all(Array.from({ length: times }, () => this.users.who()));
    return names.filter((name) => name === 'next').length;
  }
  async askFor(key) {
    const sticking = this.users.with({ key });
    return new Set(await Promise.all(Array.from({ length: 50 }, () => sticking.who()))).size;
  }
}
`;
const config = `
export default {
  app: 'trial', http: { port: 0 },
  services: {
    next: { entry: './users.mjs' },
    users: { entry: './users.mjs', routing: { canary: { service: 'next', percent: 50 } } },
    front: { entry: './front.mjs', connects: ['users'] },
  },
};
`;

test('a service on trial answers its share of calls and of requests from outside', async () => {
  using files = writeApp({ 'users.mjs': users, 'front.mjs': front, 'forge.config.mjs': config });
  await using app = await startApp(files.directory);
  const call = async (...args: readonly string[]) =>
    Number((await app.forge('call', ...args)).stdout);
  // Beyond these bounds once in a thousand million times.
  const share = await call('front.ask', '1000');
  expect(share).toBeGreaterThan(400);
  expect(share).toBeLessThan(600);
  for (const key of ['"a"', '"b"', '"c"']) expect(await call('front.askFor', key)).toBe(1);

  expect((await app.forge('routes')).stdout.trim().split('\n')).toEqual([
    expect.stringContaining('users.who'),
  ]);
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => fetch(`${app.http}/who`).then((answer) => answer.json())),
  );
  expect(answers.filter((name) => name === 'next').length).toBeGreaterThan(50);
  expect(answers.filter((name) => name === 'users').length).toBeGreaterThan(50);
});

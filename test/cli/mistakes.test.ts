import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const orders = `import { Service } from 'threadforge';
export default class Orders extends Service {
  static contract = {
    expose: ['fail', 'large'],
    routes: ['hidden', 'stranger', 'set'].map((handler) => ({ method: 'GET', path: '/' + handler, handler })),
  };
  fail() { throw new Error('no database'); }
  large() { return { id: 10n ** 20n }; }
  hidden() { return this.users.forget(); }
  stranger() { return this.request('mailer', {}); }
  set() { return this.users.find(new Set()); }
}`;
const users = `import { Service } from 'threadforge';
export default class Users extends Service {
  static contract = { expose: ['find'] };
  find() {}
  forget() {}
}`;
const config = `export default {
  services: {
    orders: { entry: './orders.mjs', connects: ['users'] },
    users: { entry: './users.mjs' },
    legacy: { command: 'sleep 600' },
  },
  http: { port: 0 },
};`;

type Told = { readonly error: { readonly traceId: string } };

let files: WrittenApp;
let app: RunningApp;
beforeAll(async () => {
  files = writeApp({ 'orders.mjs': orders, 'users.mjs': users, 'forge.config.mjs': config });
  app = await startApp(files.directory);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

test.each([
  [1, 'orders.fail', 'forge: no database\n  → See `forge logs`, and `forge logs supervisor`.\n'],
  [1, 'orders.large', 'forge: JSON cannot say what was answered: Do not know how to serialize a'],
  [2, 'legacy.fail', 'forge: legacy is a command, which has no methods to call\n  → Ask it over'],
])('forge call exits %d for %s, and says what to do', async (exit, target, told) => {
  const { code, stdout, stderr } = await app.forge('call', target);
  expect([code, stdout]).toEqual([exit, '']);
  expect(stderr).toContain(told);
  expect(stderr).not.toContain('\n    at ');
});

test.each([
  ['hidden', '[METHOD_NOT_EXPOSED] ForgeError: users.forget is not exposed'],
  ['stranger', '[NOT_CONNECTED] ForgeError: orders does not connect to mailer'],
  ['set', '[PAYLOAD_REFUSED] ForgeError: What was sent holds a Set'],
])(
  'a service that asks another what it may not has that in its log: %s',
  async (handler, problem) => {
    const { error } = (await (await fetch(`${app.http}/${handler}`)).json()) as Told;
    const trace = error.traceId;
    await expect
      .poll(async () => (await app.forge('logs', 'orders', '--grep', trace)).stdout)
      .toContain(`orders.${handler} (trace ${trace}): ${problem}`);
  },
);

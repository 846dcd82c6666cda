import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { statusOf } from '../helpers/status.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const entry = './services/quiet.mjs';
const config = {
  app: 'shop',
  services: {
    users: { entry, group: 'main' },
    orders: { entry, group: 'main' },
    billing: { type: 'remote', address: 'http://127.0.0.1:1' },
  },
};

let files: WrittenApp;
let app: RunningApp;

beforeAll(async () => {
  files = writeApp({ 'forge.config.json': JSON.stringify(config) });
  app = await startApp(files.directory);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

test('a group is scaled by its name, and what was scaled to what it had leaves nothing to undo', async () => {
  expect((await app.forge('scale', 'main', '2')).code).toBe(0);
  const again = await app.forge('scale', 'users', '2', '--json');
  expect([again.code, JSON.parse(again.stdout)]).toEqual([
    0,
    expect.not.objectContaining({ undo: expect.anything() }),
  ]);

  const undone = await app.forge('undo', '--json');
  const { services } = await statusOf(app);
  expect(services.map(({ workers }) => workers.length)).toEqual([1, 1]);

  const { id } = JSON.parse(undone.stdout) as { readonly id: string };
  const back = await app.forge('undo', id);
  expect([back.code, back.stderr]).toEqual([
    3,
    expect.stringContaining(
      `Action ${id} cannot be undone: it took back another one, which can be ordered anew`,
    ),
  ]);
});

test('a service that runs elsewhere is not called unknown', async () => {
  const { code, stderr } = await app.forge('scale', 'billing', '2');
  expect([code, stderr]).toEqual([
    3,
    "forge: billing does not run here: it is one with `type: 'remote'`\n  → Do it where it runs.\n",
  ]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';

let app: CopiedApp;
beforeAll(async () => {
  app = await startCopy('test/fixtures/apps/calls');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

test('forge call prints what a method answers', async () => {
  const ran = await app.forge('call', 'users.getUser', '7');
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(JSON.parse(ran.stdout)).toMatchObject({ id: 7, name: 'Ada Lovelace' });

  const { stdout } = await app.forge('call', 'users.getUser', '7', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    service: 'users',
    method: 'getUser',
    result: { id: 7 },
  });
  expect(await app.forge('call', 'users.forget')).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('forge call prints a stream item by item', async () => {
  const { code, stdout } = await app.forge('call', 'users.getChunks', '3');
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).data.length)).toEqual([65_536, 65_536, 65_536]);
});

test.each([
  [1, 'users.onStop', 'users.onStop is not exposed'],
  [2, 'nobody.getUser', 'There is no service nobody'],
  [2, 'users', 'Write SERVICE.METHOD'],
])('forge call exits %d for %s', async (exit, target, message) => {
  const { code, stdout, stderr } = await app.forge('call', target);
  expect([code, stdout]).toEqual([exit, '']);
  expect(stderr).toContain(message);
});

test('forge call says where an argument is no JSON', async () => {
  const { code, stderr } = await app.forge('call', 'users.getUser', '{id}');
  expect(code).toBe(2);
  expect(stderr).toContain('Write JSON');
});

test('forge routes lists who answers what', async () => {
  const { stdout } = await app.forge('routes', '--json');
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    routes: [
      { method: 'GET', path: '/count/:to', handler: 'count', service: 'caller', workers: 1 },
      { method: 'POST', path: '/drive', handler: 'drive', service: 'caller', workers: 1 },
    ],
  });
  expect((await app.forge('routes')).stdout).toMatch(/\nPOST +\/drive +caller\.drive\n$/);
});

test('forge graph shows who calls whom', async () => {
  const { stdout } = await app.forge('graph', '--json');
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    services: [
      { name: 'caller', group: 'calling' },
      { name: 'local', group: 'calling' },
      { name: 'users', group: 'called' },
    ],
    edges: [
      { from: 'caller', to: 'users', kind: 'calls' },
      { from: 'caller', to: 'local', kind: 'calls' },
    ],
  });
  expect((await app.forge('graph', '--mermaid')).stdout).toBe(
    'flowchart LR\n  s0["caller"]\n  s1["local"]\n  s2["users"]\n  s0 --> s2\n  s0 --> s1\n',
  );
  expect((await app.forge('graph')).stdout).toMatch(/^caller +→ users, local\n/);
});

test('a route that answers with a stream sends a line an item, and ends when its client leaves', async () => {
  const response = await fetch(`${app.http}/count/3`);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(await response.text()).toBe('1\n2\n3\n');

  const endless = await fetch(`${app.http}/count/1e12`);
  await endless.body?.cancel();
  await expect
    .poll(async () => (await app.forge('call', 'caller.howOftenCounted')).stdout)
    .toBe('2\n');
});

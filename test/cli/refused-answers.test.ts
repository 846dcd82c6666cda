import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { parsePrometheus } from '../helpers/prometheus.ts';
import { audience, issuer, keyFile, newSigner } from '../helpers/signer.ts';
import { statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const service = `import { Service } from 'threadforge';
const never = { version: 1, vendor: 'test', validate: ({ name }) => ({ issues: [{ message: 'not ' + name, path: ['name'] }] }) };
export default class Users extends Service {
  static contract = {
    expose: ['large'],
    routes: [
      { method: 'GET', path: '/users/:id', handler: 'large' },
      { method: 'GET', path: '/roles', handler: 'set' },
      { method: 'GET', path: '/tags', handler: 'map' },
      { method: 'GET', path: '/name', handler: 'named', output: { '~standard': never } },
    ],
  };
  large() { return { id: 10n ** 20n, name: 'the secret' }; }
  set() { return { roles: new Set(['the secret']) }; }
  map() { return { tags: new Map([['a', new Float64Array([1.5])]]) }; }
  named() { return { name: 'the secret' }; }
}`;
const config =
  "export default { services: { users: { entry: './users.mjs', port: 0 } }, http: { port: 0 } };";

type Line = Readonly<Record<string, unknown>>;

test('what a route answered and nobody was given has a line that says why, and not what', async () => {
  using files = writeApp({ 'users.mjs': service, 'forge.config.mjs': config });
  await using app = await startApp(files.directory);
  const linesOf = async (name: string): Promise<readonly Line[]> => {
    const { stdout } = await app.forge('logs', name, '--level', 'error', '--json');
    const { lines } = JSON.parse(stdout) as { lines: readonly { readonly line: string }[] };
    return lines.map(({ line }) => JSON.parse(line));
  };
  const failed = async (url: string): Promise<void> => {
    const response = await fetch(url);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  };
  const port = (await statusOf(app)).services.find(({ name }) => name === 'users')?.port;
  const level = 'error';
  const notJson = { level, code: 'ANSWER_NOT_JSON', reason: expect.stringContaining('BigInt') };
  const large = { ...notJson, route: 'GET /users/:id', remedy: expect.stringContaining('integer') };

  for (const path of ['/users/7', '/roles', '/name']) await failed(`${app.http}${path}`);
  for (const path of ['/users/7', '/roles']) await failed(`http://127.0.0.1:${port}${path}`);
  await expect
    .poll(() => linesOf('users'))
    .toMatchObject([
      { service: 'users', ...large },
      { level, code: 'PAYLOAD_REFUSED', route: 'GET /roles', reason: 'What was sent holds a Set' },
      {
        level,
        code: 'OUTPUT_INVALID',
        route: 'GET /name',
        reason: expect.stringContaining('name'),
      },
      { code: 'ANSWER_NOT_JSON', route: 'GET /roles', reason: expect.stringContaining('Set') },
    ]);
  expect(JSON.stringify(await linesOf('users'))).not.toContain('secret');
  expect(await linesOf('ingress')).toEqual([]);

  // Twice each: by the ingress, and at its own port.
  const countOf = async (method: string, outcome: string): Promise<number | undefined> =>
    parsePrometheus((await app.forge('metrics')).stdout)
      .get('forge_calls_total')
      ?.find(
        ({ labels }) =>
          labels['service'] === 'users' &&
          labels['method'] === method &&
          labels['outcome'] === outcome,
      )?.value;
  for (const method of ['large', 'set']) {
    await expect.poll(() => countOf(method, 'failed')).toBe(2);
    expect(await countOf(method, 'ok')).toBe(0);
  }
});

test('what JSON does not know by itself is the same at the port of a service and at the ingress', async () => {
  using files = writeApp({ 'users.mjs': service, 'forge.config.mjs': config });
  await using app = await startApp(files.directory);
  const port = (await statusOf(app)).services.find(({ name }) => name === 'users')?.port;

  for (const url of [app.http, `http://127.0.0.1:${port}`]) {
    expect(await (await fetch(`${url}/tags`)).json()).toEqual({ tags: { a: [1.5] } });
  }
});

test('what a method answered and another app cannot be given counts as failed, and has a line', async () => {
  const signer = await newSigner('a');
  using keys = keyFile([signer.publicKey]);
  const auth = { keys: keys.file, issuer, audience };
  const http = { port: 0, auth, calls: { services: ['users'] } };
  const open = `export default { services: { users: { entry: './users.mjs' } }, http: ${JSON.stringify(http)} };`;
  using files = writeApp({ 'users.mjs': service, 'forge.config.mjs': open });
  await using app = await startApp(files.directory);

  const authorization = `Bearer ${await signer.sign({ sub: 'shop' })}`;
  const request = { method: 'POST', headers: { authorization } };
  const response = await fetch(`${app.http}/__forge/call/users.large`, request);
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ error: { code: 'ANSWER_NOT_JSON' } });

  const outcomes = async (): Promise<unknown> =>
    parsePrometheus((await app.forge('metrics')).stdout)
      .get('forge_calls_total')
      ?.filter(({ labels }) => labels['service'] === 'users' && labels['method'] === 'large')
      .filter(({ value }) => value > 0)
      .map(({ labels }) => labels['outcome']);
  await expect.poll(outcomes).toEqual(['failed']);
  const { stdout } = await app.forge('logs', 'users', '--level', 'error', '--json');
  expect(stdout).toContain('The answer of users.large is refused');
});

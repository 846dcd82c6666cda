import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answers, startApp } from '../helpers/forge.ts';
import { statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const service = `import { Service } from 'threadforge';
export default class Users extends Service {
  static contract = {
    routes: [
      { method: 'GET', path: '/users/:id', handler: 'show' },
      { method: 'GET', path: '/held', handler: 'hold' },
    ],
  };
  onStart({ router }) { router.get('/raw', (_request, response) => response.end('raw')); }
  async *hold() {
    yield 'and';
    await new Promise((gone) => this.ctx.request.signal.addEventListener('abort', gone));
  }
  show() { return this.ctx.request.traceparent; }
}`;
const config = (http: string): string =>
  `export default { services: { users: { entry: './users.mjs', port: 0 } }, http: ${http} };`;

type Line = Readonly<Record<string, unknown>>;

test('requests are in the logs, by the ingress and by own ports, until that is turned off', async () => {
  using files = writeApp({
    'users.mjs': service,
    'forge.config.mjs': config('{ port: 0, accessLog: { percent: 100 } }'),
  });
  await using app = await startApp(files.directory);
  const linesOf = async (name: string): Promise<readonly Line[]> => {
    const { stdout } = await app.forge('logs', name, '--json');
    const { lines } = JSON.parse(stdout) as { lines: readonly { readonly line: string }[] };
    return lines.flatMap(({ line }) => (line.includes('"method"') ? [JSON.parse(line)] : []));
  };
  const port = (await statusOf(app)).services.find(({ name }) => name === 'users')?.port;
  const ways = [
    ['ingress', app.http],
    ['users', `http://127.0.0.1:${port}`],
  ] as const;
  for (const [name, origin] of ways) {
    const trace = String(await (await fetch(`${origin}/users/7?token=secret`)).json()).split(
      '-',
    )[1];
    await fetch(`${origin}/raw`);
    await fetch(`${origin}/nowhere`);
    await new Promise<void>((resolve) => {
      request(`${origin}/held`, (response) => {
        response.destroy().once('close', resolve);
      }).end();
    });
    await expect.poll(() => linesOf(name)).toHaveLength(4);
    const client = '127.0.0.1';
    expect(await linesOf(name)).toMatchObject([
      {
        service: name,
        path: '/users/7',
        route: 'GET /users/:id',
        status: 200,
        bytes: 57,
        client,
        trace,
      },
      { path: '/raw', route: 'GET /raw', status: 200, trace: expect.stringMatching(/^\w{32}$/) },
      { path: '/nowhere', status: 404, client },
      { path: '/held', isCut: true, client },
    ]);
    const text = (await app.forge('logs', name)).stdout;
    expect(text).toContain('GET /users/7 200');
    expect(text).not.toContain('secret');
  }

  const file = join(files.directory, 'forge.config.mjs');
  writeFileSync(file, config('{ port: 0, accessLog: { failures: true } }'));
  expect((await app.forge('reload')).code).toBe(0);
  await answers(`${app.http}/users/8`);
  await fetch(`${app.http}/nowhere`);
  writeFileSync(file, config('{ port: 0, accessLog: { percent: 100 } }'));
  expect((await app.forge('reload')).code).toBe(0);
  await answers(`${app.http}/users/9`);
  await expect
    .poll(async () => (await linesOf('ingress')).at(-1))
    .toMatchObject({ path: '/users/9' });
  expect((await linesOf('ingress')).filter(({ path }) => path === '/users/8')).toEqual([]);
});

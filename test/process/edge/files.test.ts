import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';
import { inTurn } from './talk.ts';

const folder = mkdtempSync(join(tmpdir(), 'forge-files-'));
const secret = 'the secret outside';
const script = 'export const answer = 42;\n'.repeat(100);
let app: IngressApp;

beforeAll(async () => {
  const files: Readonly<Record<string, string | Buffer>> = {
    'secret.txt': secret,
    'public/index.html': '<h1>home</h1>',
    'public/app.js': script,
    'public/app.js.br': brotliCompressSync(script),
    'public/plain.js': script,
    'public/.env': secret,
    'public/.git/config': secret,
    'public/.well-known/security.txt': 'mail us',
    'public/assets/app.4f2a.js': script,
    'public/with space é.txt': 'found',
    'public/docs/index.html': '<h1>docs</h1>',
    'public/empty/x.txt': 'x',
    'public-not/secret.txt': secret,
    'blog/index.html': '<h1>blog</h1>',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  symlinkSync('../secret.txt', join(folder, 'public/out.txt'));
  symlinkSync('..', join(folder, 'public/up'));
  symlinkSync('app.js', join(folder, 'public/inside.js'));
  symlinkSync('.env', join(folder, 'public/hidden.txt'));
  symlinkSync('loop', join(folder, 'public/loop'));
  const mounts = [
    { path: '/', directory: join(folder, 'public'), fallback: 'index.html', immutable: 'assets' },
    { path: '/manual', directory: join(folder, 'public/docs') },
    { path: '/', directory: join(folder, 'blog'), host: 'blog.example' },
  ];
  app = await startIngressApp({ target: { entry: './services/target.mjs' } }, { mounts });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Asked = { readonly status: number; readonly headers: string; readonly body: string };

/** As bytes: `fetch` would tidy the path up before it sends it. */
const ask = async (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Asked> => {
  const socket = connect(Number(new URL(app.origin).port), '127.0.0.1').setEncoding('latin1');
  const lines = Object.entries({ host: 'a', connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1');
  const all = await text(socket);
  const end = all.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(all)?.[1]);
  return { status, headers: all.slice(0, end).toLowerCase(), body: all.slice(end + 4) };
};

describe('a path leads to nothing outside the folder, and to no hidden file [D10]', () => {
  const targets = ['secret.txt', 'public-not/secret.txt', '.env', '.git/config', 'etc/passwd'];
  const ways: readonly ((target: string) => string)[] = [
    (target) => `/../${target}`,
    (target) => `/${'../'.repeat(12)}${target}`,
    (target) => `/docs/../../${target}`,
    (target) => `/${target.replaceAll('/', '%2f')}`,
    (target) => `/..%2f${target}`,
    (target) => `/%2e%2e/${target}`,
    (target) => `/%2e%2e%2f${target}`,
    (target) => `/.%2e/${target}`,
    (target) => `/%252e%252e%252f${target}`,
    (target) => `/..%5c${target}`,
    (target) => `/..%255c${target}`,
    (target) => `/%c0%ae%c0%ae/${target}`,
    (target) => `/%c0%af..%c0%af${target}`,
    (target) => `/%e0%80%ae%e0%80%ae/${target}`,
    (target) => `/..;/${target}`,
    (target) => `/..%00/${target}`,
    (target) => `/app.js%00/../../${target}`,
    (target) => `/up/${target}`,
    (target) => `/up/public/${target}`,
    (target) => `/./${target}`,
    (target) => `/docs/%2e/${target}`,
    (target) => `/manual/../${target}`,
    (target) => `/manual/..%2f${target}`,
    (target) => `/-not/${target}`,
    (target) => `/${join(folder, target)}`,
    (target) => `/%2f${target}`,
    (target) => `/file:%2f%2f${join(folder, target)}`,
  ];

  test.for(targets)('%s', async (target) => {
    const answers = await Promise.all(ways.map((way) => ask(way(target))));
    expect(answers.filter(({ body }) => body.includes(secret) || body.includes('root:'))).toEqual(
      [],
    );
    expect(
      answers.map(({ status }) => status).filter((each) => each !== 404 && each !== 400),
    ).toEqual([]);
  });

  test.for(['/out.txt', '/loop', '/.env', '/.git/config', '/up/secret.txt'])('%s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });
});

test('no spelling of a way up leads out, of thousands [D10]', async () => {
  const ups = ['..', '%2e%2e', '.%2e', '%2E.', '%252e%252e', '..%00', '%c0%ae%c0%ae', '..;'];
  const more = ['%u002e%u002e', '....', '%e0%80%ae%e0%80%ae', '\uff0e\uff0e'];
  const strokes = ['/', '//', '%2f', '\\', '%5c', '%252f', '%c0%af', '%255c', '/./', '/%2e/'];
  const targets = ['secret.txt', 'public-not/secret.txt', '.env', 'public/.env', 'etc/passwd'];
  const starts = ['/', '/docs/', '/manual/', '/app.js/'];
  const paths = starts.flatMap((start) =>
    [...ups, ...more].flatMap((up) =>
      strokes.flatMap((stroke) =>
        [1, 2, 12].flatMap((times) =>
          targets.map((target) => start + (up + stroke).repeat(times) + target),
        ),
      ),
    ),
  );
  expect(paths.length).toBeGreaterThan(5_000);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const fetched = (path: string): Promise<readonly [path: string, status: number, body: string]> =>
    new Promise((resolve, reject) => {
      // As bytes: a sign that is no ASCII goes as it is.
      const sent = Buffer.from(path).toString('latin1');
      const { hostname, port } = new URL(app.origin);
      request({ agent, hostname, port, path: sent }, async (answer) => {
        resolve([path, answer.statusCode ?? 0, await text(answer)]);
      })
        .once('error', reject)
        .end();
    });
  const answers = await inTurn(paths, 16, fetched);
  agent.destroy();
  expect(answers.filter(([, , body]) => body.includes(secret) || body.includes('root:'))).toEqual(
    [],
  );
  expect(answers.filter(([, status]) => status !== 404 && status !== 400)).toEqual([]);
}, 30_000);

describe('a file', () => {
  const cases: Readonly<Record<string, readonly [status: number, body: string]>> = {
    '/': [200, '<h1>home</h1>'],
    '/?x=1': [200, '<h1>home</h1>'],
    '/docs/': [200, '<h1>docs</h1>'],
    '/docs?x=1': [301, ''],
    '/manual/': [200, '<h1>docs</h1>'],
    '/empty/': [404, ''],
    '/app.js': [200, script],
    '/app.js/': [404, ''],
    '/inside.js': [200, script],
    '/with%20space%20%C3%A9.txt': [200, 'found'],
    '/.well-known/security.txt': [200, 'mail us'],
    '/App.js': [404, ''],
    '/%zz': [404, ''],
    [`/${'x'.repeat(300)}`]: [404, ''],
  };

  test.for(Object.entries(cases))('%s', async ([path, [status, body]]) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toBe(body);
    if (status === 301) expect(answer.headers).toContain('location: /docs/?x=1');
  });

  test('routes of services come first, and a path that only they have keeps its methods', async () => {
    expect(JSON.parse((await ask('/work')).body)).toHaveProperty('pid');
    expect((await ask('/work', {}, 'DELETE')).status).toBe(405);
    expect((await ask('/app.js', { 'content-length': '0' }, 'POST')).status).toBe(404);
  });

  test('is of the host that it is mounted for', async () => {
    for (const host of ['blog.example:80', 'BLOG.example', 'blog.example.', 'Blog.Example.:80']) {
      expect((await ask('/', { host })).body).toBe('<h1>blog</h1>');
    }
    expect((await ask('/app.js', { host: 'blog.example' })).status).toBe(404);
  });

  test('answers pages that an application routes by itself, and nothing else', async () => {
    const page = await ask('/orders/7', { accept: 'text/html,*/*' });
    expect([page.status, page.body]).toEqual([200, '<h1>home</h1>']);
    expect((await ask('/orders/7', { accept: 'application/json' })).status).toBe(404);
    expect((await ask('/manual/nothing', { accept: 'text/html' })).status).toBe(404);
  });

  test('is asked for again by its mark, and in parts', async () => {
    const first = await ask('/app.js');
    const etag = (await fetch(`${app.origin}/app.js`)).headers.get('etag') ?? '';
    expect(first.headers).toContain('content-type: application/javascript; charset=utf-8');
    expect(first.headers).toContain('cache-control: public, max-age=0');
    const same = await ask('/app.js', { 'if-none-match': etag });
    expect(same.status).toBe(304);
    // A cache that has the compressed one takes over what this says.
    expect(same.headers).toContain('vary: accept-encoding');
    const part = await ask('/app.js', { range: 'bytes=0-5', 'accept-encoding': 'gzip' });
    expect([part.status, part.body]).toEqual([206, 'export']);
    const beyond = await ask('/app.js', { range: 'bytes=99999-' });
    expect([beyond.status, JSON.parse(beyond.body)]).toMatchObject([
      416,
      { error: { code: 'HTTP_416' } },
    ]);
    expect(beyond.headers).toContain(`content-range: bytes */${script.length}`);
    const other = await ask('/app.js', { 'if-match': '"x"' });
    expect([other.status, JSON.parse(other.body)]).toMatchObject([
      412,
      { error: { code: 'HTTP_412' } },
    ]);
    for (const range of ['bytes=abc', 'bytes=', 'bytes=1', 'lines=0-5']) {
      const whole = await ask('/app.js', { range });
      expect([whole.status, whole.body]).toEqual([200, script]);
    }
    const head = await ask('/app.js', {}, 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    expect(head.headers).toContain(`content-length: ${script.length}`);
  });

  test('in the folder of what never changes may be kept for a year', async () => {
    expect((await ask('/assets/app.4f2a.js')).headers).toContain(
      'cache-control: public, max-age=31536000, immutable',
    );
  });

  test('is sent compressed: as it lies beside it, else made on the way', async () => {
    const ready = await ask('/app.js', { 'accept-encoding': 'gzip, br' });
    expect(ready.headers).toContain('content-encoding: br');
    expect(ready.headers).toContain('content-type: application/javascript; charset=utf-8');
    expect(brotliDecompressSync(Buffer.from(ready.body, 'latin1')).toString()).toBe(script);
    const made = await fetch(`${app.origin}/plain.js`, { headers: { 'accept-encoding': 'gzip' } });
    expect(made.headers.get('content-encoding')).toBe('gzip');
    expect(made.headers.get('vary')).toBe('Accept-Encoding');
    expect(made.headers.get('etag')).toMatch(/^W\//);
    expect(await made.text()).toBe(script);
    expect((await ask('/app.js', { 'accept-encoding': 'br;q=0' })).body).toBe(script);
  });
});

test('a file is read no faster than its client reads it, and closed when that is gone', async () => {
  writeFileSync(join(folder, 'public/large.bin'), Buffer.alloc(64 * 1024 * 1024));
  const [ingress] = [app.engine.front.ingress?.pid ?? 0];
  const { readdirSync, readlinkSync } = await import('node:fs');
  const open = (): number =>
    readdirSync(`/proc/${ingress}/fd`).filter((fd) => {
      try {
        return readlinkSync(`/proc/${ingress}/fd/${fd}`).endsWith('large.bin');
      } catch {
        return false;
      }
    }).length;
  const socket = connect(Number(new URL(app.origin).port), '127.0.0.1').pause();
  socket.write('GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(open).toBe(1);
  socket.destroy();
  await expect.poll(open).toBe(0);
});

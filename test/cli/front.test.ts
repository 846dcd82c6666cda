import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { writeApp } from '../helpers/written-app.ts';

const ask = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';

const slow = `import { once } from 'node:events';
import { watch, existsSync } from 'node:fs';
import { Service } from 'threadforge';
export default class Slow extends Service {
  async onStart() {
    const watching = watch('.');
    while (!existsSync('go')) await once(watching, 'change');
    watching.close();
  }
}
`;

const writeSlow = (port: number) =>
  writeApp({
    'services/slow.mjs': slow,
    'forge.config.mjs': `export default {
      services: { quiet: { entry: './services/quiet.mjs' }, slow: { entry: './services/slow.mjs' } },
      http: { admin: { port: ${port} } },
    };`,
  });

test('the admin port tells health, readiness and metrics, and takes nothing', async () => {
  const port = await freePort();
  using folder = writeSlow(port);
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: answer.status, body: await answer.text() };
  };
  const asked = () => ask('/readyz').catch(() => undefined);
  const starting = startApp(folder.directory, { env: folder.env });
  await expect.poll(asked).toEqual({ status: 503, body: '{"ok":false,"waiting":["slow"]}\n' });
  expect(await ask('/healthz')).toEqual({ status: 200, body: '{"ok":true}\n' });

  const { writeFileSync } = await import('node:fs');
  writeFileSync(folder.file('go'), '');
  await using app = await starting;
  expect(await ask('/readyz')).toEqual({ status: 200, body: '{"ok":true}\n' });
  expect((await ask('/metrics')).body).toContain('forge_workers{service="slow",status="ready"} 1');
  expect((await ask('/metrics', 'POST')).status).toBe(405);
  expect((await ask('/')).status).toBe(404);
  // What an operator stopped is not waited for.
  expect((await app.forge('stop', 'quiet')).code).toBe(0);
  expect(await ask('/readyz')).toEqual({ status: 200, body: '{"ok":true}\n' });

  process.kill(app.pid, 'SIGKILL');
  await app.exited;
  await expect.poll(asked).toEqual({ status: 200, body: '{"ok":true}\n' });
});

test('who asks the admin port a thousand times ahead is answered once, and keeps nobody from the supervisor', async () => {
  const port = await freePort();
  using folder = writeApp({
    'services/quiet.mjs':
      "import { Service } from 'threadforge'; export default class extends Service {}",
    'forge.config.mjs': `export default {
      services: { quiet: { entry: './services/quiet.mjs' } },
      http: { admin: { port: ${port} } },
    };`,
  });
  await using app = await startApp(folder.directory, { env: folder.env });
  const greedy = Array.from({ length: 5 }, () => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.on('error', () => undefined).write(ask.repeat(3_000));
    return text(socket);
  });
  expect((await app.forge('status')).code).toBe(0);
  for (const answers of await Promise.all(greedy)) {
    expect(answers.match(/HTTP\/1.1 200 OK/g)).toHaveLength(1);
  }
});

test('an app whose admin port is taken does not start, and says whose it is', async () => {
  const { createServer } = await import('node:net');
  const port = await freePort();
  const owner = createServer().listen(port, '127.0.0.1');
  using folder = writeSlow(port);
  const { code, stderr } = await folder.forge('start', '--headless');
  owner.close();
  expect(code).toBe(2);
  expect(stderr).toContain(`Port ${port} (http.admin.port) is taken`);
  expect(folder.remains()).toEqual([]);
});

test('a key that does not belong to its certificate is refused before anything starts', async () => {
  const tls = join(import.meta.dirname, '../fixtures/tls');
  const certificates = [{ cert: join(tls, 'shop.pem'), key: join(tls, 'blog.key') }];
  using folder = writeApp({
    'forge.config.json': JSON.stringify({
      services: { quiet: { entry: './services/quiet.mjs' } },
      http: { port: 0, tls: { certificates } },
    }),
  });
  const { code, stderr } = await folder.forge('start', '--headless');
  expect(code).toBe(2);
  expect(stderr).toMatch(/http\.tls\.certificates\.0 cannot be used: .*key values mismatch/);
  expect(folder.remains()).toEqual([]);
});

test('the ready line names the address as clients ask for it', async () => {
  const tls = join(import.meta.dirname, '../fixtures/tls');
  const certificates = [{ cert: join(tls, 'shop.pem'), key: join(tls, 'shop.key') }];
  using folder = writeApp({
    'forge.config.json': JSON.stringify({
      services: {
        quiet: { entry: './services/quiet.mjs', port: 0 },
        legacy: { command: 'node server.mjs', port: await freePort() },
      },
      http: { port: 0, tls: { certificates } },
    }),
    'server.mjs': `import { createServer } from 'node:http'; createServer().listen(process.env.PORT);`,
  });
  await using app = await startApp(folder.directory, { env: folder.env });
  const at = String.raw`127\.0\.0\.1:\d+`;
  expect(app.ready).toMatch(new RegExp(` https://${at} quiet https://${at} legacy http://${at}$`));
});

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const service = `
import { Service } from 'threadforge';
export default class Shop extends Service {
  static contract = { routes: [
    { method: 'GET', path: '/text', handler: 'text' },
    { method: 'POST', path: '/echo', handler: 'echo' },
  ] };
  text() { return 'to be or not to be '.repeat(500); }
  echo(body) { return body; }
}
`;
const configOf = (http: object): string =>
  `export default ${JSON.stringify({ app: 'shop', http, reload: { bake: 0 }, services: { shop: { entry: './shop.mjs' } } })}`;
const before = { port: 0 };

let files: WrittenApp;
let app: RunningApp;

beforeAll(async () => {
  files = writeApp({ 'shop.mjs': service, 'forge.config.mjs': configOf(before), 'web/a.txt': 'a' });
  app = await startApp(files.directory);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

const reload = (http: object) => {
  writeFileSync(files.file('forge.config.mjs'), configOf(http));
  return app.forge('reload');
};

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The client's end of a connection that is kept, which a new ingress could not have. */
const connection = async (): Promise<number | undefined> => {
  const [response] = await once(get(`${app.http}/text`, { agent }), 'response');
  const { localPort } = response.socket;
  await once(response.resume(), 'end');
  return localPort;
};

/** How it is served, as clients see it. */
const served = async () => {
  const headers = { origin: 'https://page.example', 'accept-encoding': 'gzip' };
  const text = await fetch(`${app.http}/text`, { headers });
  await text.text();
  const large = await fetch(`${app.http}/echo`, {
    method: 'POST',
    body: `"${'x'.repeat(5_000)}"`,
    headers: { 'content-type': 'application/json' },
  });
  return {
    cors: text.headers.get('access-control-allow-origin'),
    protection: text.headers.get('x-content-type-options'),
    encoding: text.headers.get('content-encoding'),
    large: large.status,
    file: (await fetch(`${app.http}/web/a.txt`)).status,
  };
};

test('a reload changes how the ingress answers, and its connections stay', async () => {
  const kept = await connection();
  const usual = { cors: null, protection: 'nosniff', encoding: 'gzip', large: 201, file: 404 };
  expect(await served()).toEqual(usual);

  const other = {
    ...before,
    cors: { origins: ['https://page.example'] },
    securityHeaders: false,
    compression: { enabled: false },
    limits: { body: '1KB' },
    mounts: [{ path: '/web', directory: './web' }],
  };
  expect((await reload(other)).code).toBe(0);
  expect(await served()).toEqual({
    cors: 'https://page.example',
    protection: null,
    encoding: null,
    large: 413,
    file: 200,
  });
  expect((await reload(before)).code).toBe(0);
  expect(await served()).toEqual(usual);
  expect(await connection()).toBe(kept);
  agent.destroy();
});

test('what an open port cannot change is refused by name, and nothing is changed', async () => {
  const { code, stderr } = await reload({
    ...before,
    securityHeaders: false,
    limits: { head: '32KB' },
  });
  expect([code, stderr]).toEqual([3, expect.stringContaining('changes http.limits.head')]);
  expect(await served()).toMatchObject({ protection: 'nosniff' });
  expect((await reload(before)).code).toBe(0);
});

test('an app that was started with a port of its own keeps it, whatever the file says', async () => {
  expect((await reload({ port: await freePort() })).code).toBe(0);
  expect(await served()).toMatchObject({ protection: 'nosniff' });
  expect((await app.forge('config', 'diff')).stdout).not.toContain('http.port');
});

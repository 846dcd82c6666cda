import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');
const folder = mkdtempSync(join(tmpdir(), 'forge-tls-'));
const blog = { cert: join(folder, 'blog.pem'), key: join(folder, 'blog.key') };
let app: IngressApp;

/** Puts one of the fixtures where the app looks for the certificate of the blog. */
const install = (name: string): void => {
  copyFileSync(join(tls, `${name}.key`), blog.key);
  copyFileSync(join(tls, `${name}.pem`), blog.cert);
};

beforeAll(async () => {
  install('blog');
  const certificates = [{ cert: join(tls, 'shop.pem'), key: join(tls, 'shop.key') }, blog];
  app = await startIngressApp(
    { target: { entry: './services/target.mjs' } },
    { tls: { certificates, hsts: '1 d' }, limits: { headTime: '1 s' } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const port = (): number => Number(new URL(app.origin).port);

/** The name in the certificate that a client is shown, or why there is none. */
const shownTo = async (options: ConnectionOptions): Promise<string> => {
  const socket = connect({
    port: port(),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options,
  });
  try {
    await once(socket, 'secureConnect');
    return String(socket.getPeerCertificate().subject.CN);
  } catch {
    return 'nothing';
  } finally {
    socket.destroy();
  }
};

/** What the processes of the app wrote to their logs. */
const said = (): string => {
  const logs = join(app.directory, '.forge/logs');
  const files = readdirSync(logs, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
    .join('');
};

const serialOf = async (servername: string): Promise<string> => {
  const socket = connect({ port: port(), servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};

describe('a client is shown the certificate of the host that it names [D15]', () => {
  const oldest = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const clients: Readonly<Record<string, readonly [ConnectionOptions, shown: string]>> = {
    'the first host': [{ servername: 'shop.example' }, 'shop'],
    'a host below it': [{ servername: 'eu.shop.example' }, 'shop'],
    'the second host': [{ servername: 'blog.example' }, 'blog'],
    'no host': [{}, 'shop'],
    'a host that is not here': [{ servername: 'evil.example' }, 'nothing'],
    'a host two levels below': [{ servername: 'a.b.shop.example' }, 'nothing'],
    'TLS 1.3': [{ servername: 'shop.example', minVersion: 'TLSv1.3' }, 'shop'],
    'TLS 1.2': [{ servername: 'shop.example', maxVersion: 'TLSv1.2' }, 'shop'],
    'TLS 1.1': [{ servername: 'shop.example', ...oldest } as ConnectionOptions, 'nothing'],
  };

  test.for(Object.entries(clients))('%s', async ([, [options, shown]]) => {
    expect(await shownTo(options)).toBe(shown);
  });
});

const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const options = { port: port(), host: '127.0.0.1', path, headers, rejectUnauthorized: false };
  const outbound = request({ ...options, servername: 'shop.example' }).end();
  const [answer] = await once(outbound, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
};

test('a service is told that its client came over TLS, and the client to come that way again', async () => {
  const { headers, body } = await ask('/raw', { host: 'shop.example' });
  expect(headers['strict-transport-security']).toBe('max-age=86400');
  expect(JSON.parse(body).headers).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
  });
});

test('a WebSocket works over TLS', async () => {
  const socket = new WebSocket(`wss://localhost:${port()}/socket`, { rejectUnauthorized: false });
  await once(socket, 'open');
  socket.send('hello');
  const [data] = await once(socket, 'message');
  expect(String(data)).toBe('hello');
  socket.close();
  await once(socket, 'close');
});

test('a client that never finishes its handshake does not keep its connection', async () => {
  const { connect: dial } = await import('node:net');
  const socket = dial(port(), '127.0.0.1');
  socket.write(Buffer.from([22, 3, 1]));
  await once(socket.resume(), 'close');
});

test('a renewed certificate is taken up while connections go on, a broken or expired one is not', async () => {
  const before = await serialOf('blog.example');
  const open = connect({ port: port(), servername: 'blog.example', rejectUnauthorized: false });
  await once(open, 'secureConnect');
  open.write('GET /healthz HTTP/1.1\r\nHost: blog.example\r\n\r\n');
  await once(open, 'data');

  writeFileSync(blog.cert, 'half a certif');
  await expect.poll(said).toContain('blog.pem is not taken up');
  expect(await serialOf('blog.example')).toBe(before);
  install('blog-expired');
  await expect.poll(said).toContain('blog.pem is not taken up: it has expired: Jan  1 ');
  expect(await serialOf('blog.example')).toBe(before);
  install('blog-renewed');

  await expect.poll(() => serialOf('blog.example')).not.toBe(before);
  expect(await shownTo({ servername: 'blog.example' })).toBe('blog-renewed');
  expect(await shownTo({ servername: 'shop.example' })).toBe('shop');
  open.write('GET /healthz HTTP/1.1\r\nHost: blog.example\r\nConnection: close\r\n\r\n');
  expect(await text(open)).toContain('200 OK');
});

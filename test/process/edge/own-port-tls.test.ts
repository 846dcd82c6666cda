import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';
import { lines, say, statusesOf } from './talk.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/tls');
const folder = mkdtempSync(join(tmpdir(), 'forge-tls-'));
const files = { cert: join(folder, 'one.pem'), key: join(folder, 'one.key') };
let app: IngressApp;

const install = (name: string): void => {
  copyFileSync(join(fixtures, `${name}.key`), files.key);
  copyFileSync(join(fixtures, `${name}.pem`), files.cert);
};

beforeAll(async () => {
  install('shop');
  app = await startIngressApp(
    { target: { entry: './services/target.mjs', port: 0, timeouts: { stop: '2 s' } } },
    {
      tls: { certificates: [files], hsts: '1 d' },
      http2: true,
      cors: { origins: ['https://page.example'] },
      limits: { body: '64KB', headTime: '1 s', stall: '500 ms' },
    },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const port = (): number => app.engine.front.portOf('target') ?? 0;

const dial = async (): Promise<ClientHttp2Session> => {
  const session = connect(`https://localhost:${port()}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  await once(session, 'connect');
  return session;
};

const askOn = async (
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer | string,
) => {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [[head], whole] = await Promise.all([once(stream, 'response'), text(stream)]);
  return { status: head[':status'], head, body: whole };
};

const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const where = { port: port(), host: '127.0.0.1', servername: 'shop.example', agent: false };
  const outbound = request({ ...where, path, headers, rejectUnauthorized: false }).end();
  const [answer] = await once(outbound, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
};

const shownTo = async (servername: string): Promise<unknown> => {
  const socket = connectTls({ port: port(), servername, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().subject.CN;
  } catch {
    return 'nothing';
  } finally {
    socket.destroy();
  }
};

describe('at the port of a service, over TLS', () => {
  test('methods and raw routes answer clients of HTTP/1, who learn to come this way again', async () => {
    const [method, raw] = [await ask('/work'), await ask('/raw', { host: 'shop.example' })];
    expect([method.status, raw.status]).toEqual([200, 200]);
    expect(method.headers['strict-transport-security']).toBe('max-age=86400');
    expect(raw.headers['strict-transport-security']).toBe('max-age=86400');
    expect(JSON.parse(raw.body).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    });
  });

  test('a client is shown the certificate of the host that it names, and no other', async () => {
    expect(await shownTo('shop.example')).toBe('shop');
    expect(await shownTo('evil.example')).toBe('nothing');
  });

  test('a WebSocket is carried', async () => {
    const client = new WebSocket(`wss://localhost:${port()}/socket`, { rejectUnauthorized: false });
    await once(client, 'open');
    client.send('over TLS');
    expect(String((await once(client, 'message'))[0])).toBe('over TLS');
    client.terminate();
  });

  test('a client that never finishes its handshake does not keep its connection', async () => {
    const { connect: connectPlain } = await import('node:net');
    const silent = connectPlain(port(), '127.0.0.1');
    await once(
      silent.resume().on('error', () => undefined),
      'close',
    );
  });
});

describe('at the port of a service, over HTTP/2', () => {
  test('methods and raw routes answer, many at once, with bodies', async () => {
    const session = await dial();
    const upload = Buffer.alloc(300_000, 'x');
    const all = await Promise.all([
      ...Array.from({ length: 20 }, () => askOn(session, { ':path': '/work' })),
      ...Array.from({ length: 20 }, () => askOn(session, { ':path': '/raw' })),
      askOn(session, { ':method': 'POST', ':path': '/upload' }, upload),
    ]);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(all.at(-1)?.body).toBe('{"bytes":300000}');
    expect((await askOn(session, { ':method': 'POST', ':path': '/work' }, '{"a":1}')).status).toBe(
      201,
    );
    session.destroy();
  });

  test('what is wrong is refused, and what is believed inside cannot be sent', async () => {
    const session = await dial();
    const statusOf = async (headers: OutgoingHttpHeaders, body?: Buffer) =>
      (await askOn(session, headers, body)).status;
    expect(await statusOf({ ':path': '/unknown' })).toBe(404);
    expect(await statusOf({ ':method': 'DELETE', ':path': '/work' })).toBe(405);
    const large = Buffer.alloc(100_000, 'x');
    expect(await statusOf({ ':method': 'POST', ':path': '/work' }, large)).toBe(413);
    const { body } = await askOn(session, { ':path': '/raw', 'x-forge-from': 'root', x_y: '1' });
    const { headers } = JSON.parse(body);
    expect(Object.keys(headers).filter((name) => /forge|:|_/.test(name))).toEqual([]);
    session.destroy();
  });

  test.for(['/hang', '/linger'])('a service hears at %s when its client is gone', async (path) => {
    const session = await dial();
    const begun = (what: string): boolean =>
      app
        .ledger()
        .slice(before)
        .some((fact) => what in fact);
    const before = app.ledger().length;
    const [starts, ends] = path === '/hang' ? ['hanging', 'aborted'] : ['lingers', 'left'];
    const stream = session.request({ ':path': path }).on('error', () => undefined);
    await expect.poll(() => begun(starts ?? '')).toBe(true);
    stream.close();
    await expect.poll(() => begun(ends ?? '')).toBe(true);
    session.destroy();
  });

  test('what cannot be read is told in words, but not where there is no handshake', async () => {
    const socket = connectTls({ port: port(), rejectUnauthorized: false });
    socket.write(lines('POST /work HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked'));
    const answer = await text(socket);
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain('"code":"HTTP_400"');
    expect(answer).toContain('strict-transport-security: max-age=86400');
    expect(await say(port(), lines('GET /work HTTP/1.1', 'Host: a'))).toBe('');
    expect((await ask('/work')).status).toBe(200);
  });

  test('an answer that nobody reads is given up, and so is a body that stops coming', async () => {
    const session = await dial();
    const unread = session.request({ ':path': '/flood' }).on('error', () => undefined);
    const gone = new Promise((resolve) => unread.once('close', resolve));
    const stuck = session.request({ ':method': 'POST', ':path': '/work' }, { endStream: false });
    const [answer] = await once(
      stuck.on('error', () => undefined),
      'response',
    );
    expect(answer[':status']).toBe(408);
    await gone;
    session.destroy();
  });
});

test('a page that may read answers may send JSON with a token, if nothing else is configured', async () => {
  const session = await dial();
  const { status, head } = await askOn(session, {
    ':method': 'OPTIONS',
    ':path': '/work',
    origin: 'https://page.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  });
  expect(status).toBe(204);
  expect(head['access-control-allow-origin']).toBe('https://page.example');
  expect(head['access-control-allow-headers']).toBe('content-type, authorization, idempotency-key');
  session.destroy();
});

test('what a raw route says its answer depends on stands beside what CORS adds, in every form', async () => {
  const session = await dial();
  const both = expect.stringMatching(/^(X-Mood, Origin|Origin, X-Mood)$/);
  for (const path of ['/vary/set', '/vary/head', '/vary/list', '/vary/append', '/vary/flushed']) {
    const { headers } = await ask(path);
    expect([path, headers.vary]).toEqual([path, both]);
    const { head } = await askOn(session, { ':path': path });
    expect([path, head['vary']]).toEqual([path, both]);
  }
  expect((await ask('/raw')).headers.vary).toBe('Origin');
  expect((await ask('/vary/all')).headers.vary).toBe('*');
  session.destroy();
});

test('a renewed certificate is taken up while connections go on', async () => {
  const session = await dial();
  expect(await shownTo('blog.example')).toBe('nothing');
  install('blog');
  await expect
    .poll(
      async () =>
        new Set(await Promise.all(Array.from({ length: 12 }, () => shownTo('blog.example')))),
    )
    .toEqual(new Set(['blog']));
  install('shop');
  await expect.poll(() => shownTo('blog.example')).toBe('nothing');
  await expect.poll(() => shownTo('shop.example')).toBe('shop');
  expect((await askOn(session, { ':path': '/work' })).status).toBe(200);
  session.destroy();
});

test('when its worker is replaced a session is told to go, and what it was asked is answered', async () => {
  const session = await dial();
  let isTold = false;
  session.once('goaway', () => {
    isTold = true;
  });
  const replaced = app.engine.apply({ kind: 'restart', service: 'target' });
  const outcomes = new Set<unknown>();
  while (!isTold) {
    const asked = askOn(session, { ':path': '/work' });
    outcomes.add(
      await asked.then(
        ({ status }) => status,
        ({ message }) => message,
      ),
    );
  }
  // What crosses the farewell was surely not begun, and clients send it again by themselves.
  expect([...outcomes].filter((each) => !/200|REFUSED_STREAM/.test(String(each)))).toEqual([]);
  expect(outcomes).toContain(200);
  await replaced;
  const next = await dial();
  expect((await askOn(next, { ':path': '/work' })).status).toBe(200);
  next.destroy();
  session.destroy();
});

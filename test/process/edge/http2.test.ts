import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';

const tls = join(import.meta.dirname, '../../fixtures/tls');
const certificates = [{ cert: join(tls, 'shop.pem'), key: join(tls, 'shop.key') }];
let app: IngressApp;
let session: ClientHttp2Session;

const dial = async (): Promise<ClientHttp2Session> => {
  const { port } = new URL(app.origin);
  const opened = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  await once(opened, 'connect');
  return opened;
};

beforeAll(async () => {
  app = await startIngressApp(
    { target: { entry: './services/target.mjs', timeouts: { stop: '1 s' } } },
    { tls: { certificates }, http2: true, limits: { body: '64KB', stall: '500 ms' } },
  );
  session = await dial();
});
afterAll(async () => {
  session.destroy();
  await app[Symbol.asyncDispose]();
});

const ask = async (headers: OutgoingHttpHeaders, body?: Buffer | string) => {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  // What nobody reads yet when the stream closes is thrown away.
  const [[head], whole] = await Promise.all([once(stream, 'response'), text(stream)]);
  return { status: head[':status'], head, body: whole };
};

describe('over HTTP/2', () => {
  test('contract and raw routes answer, many at once', async () => {
    const all = await Promise.all([
      ...Array.from({ length: 20 }, () => ask({ ':path': '/work' })),
      ...Array.from({ length: 20 }, () => ask({ ':path': '/raw' })),
    ]);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(all[0]?.head['x-content-type-options']).toBe('nosniff');
  });

  test('a body arrives whole, whether its length is said or not', async () => {
    const body = Buffer.alloc(300_000, 'x');
    const said = { ':method': 'POST', ':path': '/upload', 'content-length': body.length };
    expect((await ask(said, body)).body).toBe('{"bytes":300000}');
    expect((await ask({ ':method': 'POST', ':path': '/upload' }, body)).body).toBe(
      '{"bytes":300000}',
    );
    expect((await ask({ ':method': 'POST', ':path': '/work' }, '{"a":1}')).status).toBe(201);
  });

  test('what is believed inside cannot be sent, and the host is that of the request', async () => {
    const { body } = await ask({
      ':path': '/raw',
      ':authority': 'shop.example',
      'x-forge-user': 'root',
      x_forge_user: 'root',
      'x-forwarded-for': '1.2.3.4',
    });
    const { headers } = JSON.parse(body);
    expect(headers).toMatchObject({ host: 'shop.example', 'x-forwarded-for': '127.0.0.1' });
    expect(Object.keys(headers).filter((name) => /forge|:|_/.test(name))).toEqual([]);
  });

  test('unknown paths, bodies that are too large and hosts that are none are refused', async () => {
    expect((await ask({ ':path': '/nowhere' })).status).toBe(404);
    expect((await ask({ ':path': '/work', ':authority': 'a..b:x' })).status).toBe(400);
    const two = { ':path': '/raw', ':authority': 'shop.example', host: 'evil.example' };
    expect((await ask(two)).status).toBe(400);
    expect((await ask({ ...two, host: 'shop.example' })).status).toBe(200);
    expect((await ask({ ':path': '//evil/x' })).status).toBe(400);
    const large = { ':method': 'POST', ':path': '/work' };
    expect((await ask(large, Buffer.alloc(100_000))).status).toBe(413);
    expect((await ask({ ':path': '/work' })).status).toBe(200);
  });

  test('a service hears when its client is no longer interested', async () => {
    const stream = session.request({ ':path': '/hang' });
    await expect.poll(() => app.ledger().some((fact) => 'hanging' in fact)).toBe(true);
    stream.close();
    await expect.poll(() => app.ledger().some((fact) => 'aborted' in fact)).toBe(true);
  });

  test('a body that stops coming is given up', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/upload' });
    stream.write('x');
    const [head] = await once(stream, 'response');
    expect(head[':status']).toBe(408);
    stream.close();
  });

  test('an answer that nobody reads is given up', async () => {
    const own = await dial();
    const stream = own.request({ ':path': '/flood' });
    stream.pause();
    await expect(once(stream, 'close')).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
    await expect.poll(() => app.ledger().some((fact) => 'flood' in fact)).toBe(true);
    own.destroy();
  });

  test('clients of HTTP/1 are served on the same port', async () => {
    const { request } = await import('node:https');
    const { port } = new URL(app.origin);
    const outbound = request({ port, path: '/work', rejectUnauthorized: false }).end();
    const [answer] = await once(outbound, 'response');
    expect(answer.httpVersion).toBe('1.1');
    expect(JSON.parse(await text(answer))).toHaveProperty('pid');
  });
});

test('a session is told to go when the app ends, and what is under way is answered', async () => {
  const own = await dial();
  const goaway = once(own, 'goaway');
  const stream = own.request({ ':path': '/download' });
  const [head] = await once(stream, 'response');
  const stopping = app.engine.stop(10_000);
  expect(head[':status']).toBe(200);
  expect((await text(stream)).length).toBe(30 * 1024);
  await goaway;
  await stopping;
});

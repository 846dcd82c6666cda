import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fact, type IngressApp, startIngressApp } from '../ingress-app.ts';
import { lines, say, statusesOf } from './talk.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    {
      target: { entry: './services/target.mjs', port: 0 },
      recorder: { command: 'node recorder.mjs', port: 0 },
    },
    { limits: { headTime: '200 ms' } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const doors: Readonly<Record<string, () => number>> = {
  ingress: () => Number(new URL(app.origin).port),
  'own port': () => app.engine.front.portOf('target') ?? 0,
  'port of a command': () => app.engine.front.portOf('recorder') ?? 0,
};

/** Sends more when an answer begins, and gives all that is answered until the connection ends. */
const sayMore = (port: number, bytes: string, more: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let answer = '';
    socket.on('error', () => undefined).once('close', () => resolve(answer));
    socket.once('data', () => socket.write(more));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.write(bytes);
  });

/** Hangs up as rudely as can be, as soon as everything is on its way. */
const reset = (port: number, bytes: string): Promise<unknown> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.once('close', resolve);
    socket.write(bytes, () => socket.resetAndDestroy());
  });

const key = Buffer.alloc(16).toString('base64');

/** Parts of an answer, and what came behind it. */
const answerIn = (bytes: string) => {
  const [head = '', ...rest] = bytes.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  return { head: head.toLowerCase(), body: body.slice(0, length), behind: body.slice(length) };
};

/** Behind what is malformed: whoever is asked for it writes that down. */
const next = lines('GET /hang HTTP/1.1', 'Host: a');
const much = next.repeat(50_000);
const hasAskedNext = ({ hanging, target }: Fact): boolean =>
  hanging !== undefined || target === '/hang';

const headOf = (...more: readonly string[]): string =>
  lines('POST /upload HTTP/1.1', 'Host: a', ...more);
const chunked = headOf('Transfer-Encoding: chunked');

const malformed: Readonly<Record<string, readonly [status: number, bytes: string]>> = {
  'a transfer encoding that is unknown': [400, headOf('Transfer-Encoding: xchunked')],
  'a transfer encoding of old': [400, headOf('Transfer-Encoding: identity')],
  'two transfer encodings': [400, headOf('Transfer-Encoding: chunked, identity')],
  'a request of HTTP/1.0 that is chunked': [
    400,
    lines('POST /work HTTP/1.0', 'Host: a', 'Transfer-Encoding: xchunked'),
  ],
  'a line that is none': [400, 'nonsense\r\n\r\n'],
  'a method that is unknown': [400, lines('BREW /work HTTP/1.1', 'Host: a')],
  'a name with a blank': [400, lines('GET /work HTTP/1.1', 'Host: a', 'X Y: z')],
  'two lengths': [400, headOf('Content-Length: 1', 'Content-Length: 2')],
  'a chunk without a size': [400, `${chunked}zz\r\nabc\r\n`],
  'a head that is too long': [431, headOf(`X: ${'x'.repeat(17_000)}`)],
  'an extension of a chunk that is too long': [413, `${chunked}3;${'x'.repeat(20_000)}\r\n`],
  'a head that takes too long': [408, 'GET /work HTTP/1.1\r\nHost: a\r\n'],
};

describe.each(Object.entries(doors))('at the %s', (_door, port) => {
  afterEach(async () => {
    const fine = lines('GET /work HTTP/1.1', 'Host: a', 'Connection: close');
    expect(statusesOf(await say(port(), fine))).toEqual([200]);
    expect(app.ledger().filter(hasAskedNext)).toEqual([]);
  });

  test.for(Object.entries(malformed))('%s is told, and closes', async ([, [status, bytes]]) => {
    const { head, body, behind } = answerIn(
      await say(port(), status === 408 ? bytes : bytes + next),
    );
    expect(statusesOf(head.toUpperCase())).toEqual([status]);
    expect(head).toContain('connection: close');
    expect(head).toContain('content-type: application/json');
    expect(JSON.parse(body)).toEqual({
      error: { code: `HTTP_${status}`, message: expect.stringMatching(/^[A-Z].*[^.]$/) },
    });
    expect(behind).toBe('');
  });

  test('a client that goes on sending hears its answer, and nothing more', async () => {
    const { head, behind } = answerIn(
      await say(port(), headOf('Transfer-Encoding: xchunked') + much),
    );
    expect(statusesOf(head.toUpperCase())).toEqual([400]);
    expect(behind).toBe('');
  });

  test('a client that asks for a tunnel and hangs up ends nobody but itself', async () => {
    const pids = [app.engine.front.ingress?.pid, ...app.pidsOf('target')];
    const tunnel = lines('CONNECT evil:443 HTTP/1.1', 'Host: evil:443');
    await Promise.all(Array.from({ length: 50 }, () => reset(port(), tunnel + much)));
    await say(port(), tunnel);
    expect([app.engine.front.ingress?.pid, ...app.pidsOf('target')]).toEqual(pids);
  });

  test('a client that never ends a tunnel which it did not get is hung up on', async () => {
    const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).resume();
    socket.write(lines('CONNECT evil:443 HTTP/1.1', 'Host: evil:443'));
    const dripping = setInterval(() => socket.write('x'), 50);
    await closed;
    clearInterval(dripping);
  });

  test('an upgrade with a body is a request like others, so that nothing begins behind it', async () => {
    for (const body of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
      const upgrade = [
        'Connection: Upgrade, close',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
      ];
      const head = lines(
        'GET /socket HTTP/1.1',
        'Host: a',
        ...upgrade,
        `Sec-WebSocket-Key: ${key}`,
        body,
      );
      const sent = body.startsWith('C') ? 'hello' : '5\r\nhello\r\n0\r\n\r\n';
      expect(await say(port(), head + sent)).not.toContain('101 Switching');
    }
  });

  test('the rest of a head that took too long is no request any more', async () => {
    const answer = await sayMore(port(), 'GET /hang HTTP/1.1\r\nHost: a\r\n', `\r\n${next}`);
    expect(statusesOf(answer)).toEqual([408]);
  });
});

test.each(['ingress', 'own port'])(
  'an answer that has begun is cut by what is malformed behind its request, at the %s',
  async (door) => {
    const events = lines('GET /events HTTP/1.1', 'Host: a');
    const answer = await sayMore(doors[door]?.() ?? 0, events, 'nonsense\r\n\r\n');
    expect(statusesOf(answer)).toEqual([200]);
    expect(answer).not.toContain('HTTP_400');
    expect(answer.endsWith('\r\n0\r\n\r\n')).toBe(false);
  },
);

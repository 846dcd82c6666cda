import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';
import { inTurn, lines, poke, say, statusesOf } from './talk.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    {
      target: { entry: './services/target.mjs' },
      texts: { entry: './services/texts.mjs' },
      broken: { command: 'node hangs-up.mjs', port: 0 },
    },
    { limits: { body: `${limitMb}MB`, upload: `${limitMb}MB` }, admission: { enabled: true } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const port = (): number => Number(new URL(app.origin).port);
const closing = 'Connection: close';
const limitMb = 32;

const echo = (body: string): Promise<Response> =>
  fetch(`${app.origin}/echo`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });

/** Files and sockets that the ingress has open. */
const openOf = (): number => readdirSync(`/proc/${app.engine.front.ingress?.pid}/fd`).length;

const memoryOf = (what: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${app.engine.front.ingress?.pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
};

/** Megabytes that the ingress had at most meanwhile, beyond those that it has had before. */
const growthIn = async (use: () => Promise<void>): Promise<number> => {
  const before = memoryOf('VmRSS');
  // The kernel remembers the most; so it forgets what that has been.
  writeFileSync(`/proc/${app.engine.front.ingress?.pid}/clear_refs`, '5');
  await use();
  return memoryOf('VmHWM') - before;
};

describe('a head that is too much is refused, and nothing of it is lost in silence [D5]', () => {
  const heads: Readonly<Record<string, readonly [status: number, bytes: string]>> = {
    'one header of 17 KB': [
      431,
      lines('GET /work HTTP/1.1', 'Host: a', `X: ${'x'.repeat(17_000)}`),
    ],
    '2100 small headers': [
      431,
      lines(
        'GET /work HTTP/1.1',
        'Host: a',
        ...Array.from({ length: 2_100 }, (_, i) => `X${i}: 1`),
      ),
    ],
    '100000 cookies': [
      431,
      lines('GET /work HTTP/1.1', 'Host: a', `Cookie: ${'a=b; '.repeat(100_000)}`),
    ],
    'baggage of 64 KB': [
      431,
      lines('GET /work HTTP/1.1', 'Host: a', `Baggage: ${'k=v,'.repeat(16_000)}`),
    ],
    'a target of 9 KB': [414, lines(`GET /${'x'.repeat(9_000)} HTTP/1.1`, 'Host: a', closing)],
    'a target that is all query': [
      414,
      lines(`GET /?${'a&'.repeat(4_500)} HTTP/1.1`, 'Host: a', closing),
    ],
  };

  test.for(Object.entries(heads))('%s', async ([, [status, bytes]]) => {
    expect(statusesOf(await say(port(), bytes))).toEqual([status]);
  });
});

test('a request without a host, or with two, hears what is wrong with it', async () => {
  for (const hosts of [[], ['Host: a', 'Host: b']]) {
    const answer = await say(port(), lines('GET /work HTTP/1.1', ...hosts));
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).toContain('A request names one host in its Host header');
  }
});

describe('a body that is too much is refused while it is sent [D9]', () => {
  /** Sends chunks for as long as the ingress takes them, and looks for an answer after each. */
  const flood = (head: string): Promise<{ readonly answer: string; readonly sent: number }> =>
    new Promise((resolve) => {
      const socket = connect(port(), '127.0.0.1').setEncoding('latin1');
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      let answer = '';
      const send = (): void => {
        if (socket.destroyed || socket.bytesWritten > 2 ** 30) return;
        // What the kernel takes at once is written within the same turn, in which nothing is read.
        socket.write(chunk, () => setImmediate(send));
      };
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        answer += String(data);
      });
      socket.once('close', () => resolve({ answer, sent: socket.bytesWritten }));
      socket.write(head);
      send();
    });
  const chunked = (path: string): string =>
    lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked');

  test.for(['/work', '/upload'])(
    'of %s, in less than twice the memory that it may have',
    async (path) => {
      const growth = await growthIn(async () => {
        const { answer, sent } = await flood(chunked(path));
        expect(statusesOf(answer)).toEqual([413]);
        expect(sent).toBeLessThan(2 ** 27);
      });
      expect(growth).toBeLessThanOrEqual(2 * limitMb);
    },
  );

  test.for(['/work', '/upload'])('of %s by its length alone', async (path) => {
    const head = lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Length: 10000000000');
    expect(statusesOf(await say(port(), head))).toEqual([413]);
  });

  test('but not one that is as large as is allowed', async () => {
    const body = JSON.stringify('x'.repeat(60_000));
    const answer = await echo(body);
    expect(await answer.json()).toEqual({ body: 'x'.repeat(60_000) });
  });
});

describe('JSON that is a trap is refused [D9] [E2] [E3]', () => {
  const bodies: Readonly<Record<string, string>> = {
    'nested a hundred thousand levels': '['.repeat(30_000) + ']'.repeat(30_000),
    'nested in objects': `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    'a prototype': '{"__proto__": {"admin": true}}',
    'a prototype further down': '[{"a": {"__proto__": {"admin": true}}}]',
    'a prototype in escapes': '{"\\u005f_proto__": {"admin": true}}',
    'a prototype of the constructor': '{"constructor": {"prototype": {"admin": true}}}',
    'bytes that are no text': Buffer.from([0xff, 0xfe, 0x7b]).toString('latin1'),
    'compressed text': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]).toString('latin1'),
  };

  test.for(Object.entries(bodies))('%s', async ([, body]) => {
    const answer = await echo(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'HTTP_400' } });
  });

  test('but brackets in texts, and sixty levels, are none', async () => {
    const body = `${'['.repeat(60)}"[[[[[[ \\" {{{{"${']'.repeat(60)}`;
    const answer = await echo(body);
    expect(answer.status).toBe(201);
  });
});

test('clients that leave in the middle leave nothing behind, here or in the service', async () => {
  await expect.poll(() => fetch(`${app.origin}/work`).then(({ status }) => status)).toBe(200);
  const before = openOf();
  const heard = (what: string): number => app.ledger().filter((fact) => what in fact).length;
  const sockets = await inTurn(Array.from({ length: 100 }), 100, async () => {
    const socket: Socket = connect(port(), '127.0.0.1').on('error', () => undefined);
    socket.write(lines('GET /hang HTTP/1.1', 'Host: a'));
    return socket;
  });
  await expect.poll(() => heard('hanging')).toBeGreaterThan(15);
  for (const socket of sockets) socket.resetAndDestroy();
  await expect.poll(() => heard('aborted') - heard('hanging')).toBe(0);
  await expect.poll(openOf).toBeLessThanOrEqual(before + 5);
});

test('a service that always fails gets at most a fifth more than it is asked [D13]', async () => {
  const asked = 300;
  const broken = app.engine.front.portOf('broken') ?? 0;
  const answers = await inTurn(Array.from({ length: asked }), 8, () =>
    say(broken, lines('GET /broken HTTP/1.1', 'Host: a', closing)),
  );
  expect(answers.flatMap(statusesOf).filter((status) => status !== 503)).toEqual([]);
  const tries = app.ledger().filter((fact) => 'tried' in fact).length;
  expect(tries).toBeGreaterThan(asked);
  // The budget has saved up a hundred at most.
  expect(tries).toBeLessThanOrEqual(asked * 1.2 + 100);
});

test('what a full service has no room for is refused, but neither health nor others, and room is given again [D12]', async () => {
  const lingering = new AbortController();
  const crowd = Array.from({ length: 40 }, () =>
    fetch(`${app.origin}/linger`, { signal: lingering.signal }).catch(() => undefined),
  );
  const answersOf = (path: string): Promise<readonly string[]> =>
    inTurn(Array.from({ length: 100 }), 4, async () => {
      const answer = await fetch(`${app.origin}${path}`);
      const { error } = (await answer.json()) as { readonly error?: { readonly code: string } };
      return [answer.status, error?.code, answer.headers.get('retry-after')].join(' ');
    });
  const [refused, others, health] = await Promise.all(
    ['/work', '/large', '/readyz'].map(answersOf),
  );
  expect(new Set(refused)).toEqual(new Set(['503 OVERLOADED 1']));
  expect(new Set([...(others ?? []), ...(health ?? [])])).toEqual(new Set(['200  ']));
  lingering.abort();
  await Promise.all(crowd);
  await expect.poll(() => fetch(`${app.origin}/work`).then(({ status }) => status)).toBe(200);
});

test('the ingress is still the same process', async () => {
  const pid = app.engine.front.ingress?.pid;
  await poke(port(), '\0'.repeat(1_000));
  expect((await fetch(`${app.origin}/healthz`)).status).toBe(200);
  expect(app.engine.front.ingress?.pid).toBe(pid);
  expect(app.engine.front.ingress?.status).toBe('ready');
});

test('a client that is slow to begin is answered, as one that opens its connection ahead', async () => {
  const socket = connect(port(), '127.0.0.1').setEncoding('latin1');
  const answered = once(socket, 'data');
  await once(socket, 'connect');
  await pause(3_500);
  socket.write(lines('GET /work HTTP/1.1', 'Host: a', closing));
  expect(statusesOf(String(await answered))).toEqual([200]);
  socket.destroy();
});

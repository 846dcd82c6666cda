import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

const target = { entry: './services/target.mjs', timeouts: { stop: '2 s' } };
const caller = { ...target, entry: './services/caller.mjs', connects: ['target'] };
const mebibyte = 1024 * 1024;

const open = (app: IngressApp, path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(`${app.origin}${path}`, { agent: false }, resolve).on('error', reject).end();
  });

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
};

const noted = (app: IngressApp, fact: object): Promise<void> =>
  expect.poll(app.ledger).toContainEqual(expect.objectContaining(fact));

/** Resolves with the value as soon as it is the same twice. */
const settled = (read: () => number | Promise<number>): Promise<number> => {
  let last = Number.NaN;
  const look = async (): Promise<number> => {
    const before = last;
    last = await read();
    expect(last).toBe(before);
    return last;
  };
  return vi.waitFor(look, { timeout: 30_000, interval: 200 });
};

const socketsOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // Closed just now.
      return false;
    }
  });

describe('while the workers stay', () => {
  let app: IngressApp;

  beforeAll(async () => {
    app = await startIngressApp({ target, caller });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  test('an answer is made no faster than its client reads it', async () => {
    const flood = await open(app, '/flood');
    const unread = await settled(async () => Number(await textOf(await open(app, '/flooded'))));
    expect(unread).toBeLessThan(32 * mebibyte);

    let read = 0;
    for await (const chunk of flood) {
      read += (chunk as Buffer).length;
      if (read > unread + mebibyte) break;
    }
    await noted(app, { flood: 'closed' });
  });

  test('an upload is read no faster than the service reads it', async () => {
    const upload = request(`${app.origin}/sink`, { method: 'POST', agent: false });
    upload.on('error', () => undefined);
    let sent = 0;
    const send = (): void => {
      sent += mebibyte;
      if (sent < 64 * mebibyte) upload.write(Buffer.alloc(mebibyte), send);
    };
    send();
    await once(upload, 'socket');
    expect(await settled(() => sent)).toBeLessThan(32 * mebibyte);
    upload.destroy();
    await open(app, '/sink');
    await noted(app, { sink: 'closed' });
  });

  test('a client that goes away aborts the request in the worker', async () => {
    const [pid] = app.pidsOf('target');
    const asked = request(`${app.origin}/hang`, { agent: false });
    asked.on('error', () => undefined).end();
    await noted(app, { hanging: pid });

    asked.destroy();
    await noted(app, { aborted: pid });
  });

  test.for([
    ['in the service that it asked', '/linger'],
    ['in a service that was called for it', '/via-linger'],
    ['in a service that a raw route called for it', '/via-raw-linger'],
  ])('a client that goes away cancels the work %s', async ([, path = '']) => {
    const countOf = (what: string): number => app.ledger().filter((fact) => what in fact).length;
    const before = countOf('left');
    const asked = request(`${app.origin}${path}`, { agent: false });
    asked.on('error', () => undefined).end();
    await expect.poll(() => countOf('lingers')).toBe(before + 1);

    asked.destroy();
    await expect.poll(() => countOf('left')).toBe(before + 1);
  });

  test('a thousand clients that go away cancel as many calls, and leave no socket [D14]', async () => {
    const pids = [app.engine.front.ingress?.pid, ...app.pidsOf('target'), ...app.pidsOf('caller')];
    const openOf = (): number => pids.flatMap((pid) => socketsOf(pid ?? 0)).length;
    const countOf = (what: string): number => app.ledger().filter((fact) => what in fact).length;
    const comeAndGo = async (times: number): Promise<void> => {
      const [began, left, before] = [countOf('lingers'), countOf('left'), openOf()];
      const clients = Array.from({ length: times }, () => {
        const asked = request(`${app.origin}/via-linger`, { agent: false });
        asked.on('error', () => undefined).end();
        return asked;
      });
      await expect.poll(() => countOf('lingers') - began).toBe(times);
      expect(openOf() - before).toBeGreaterThanOrEqual(times);
      for (const client of clients) client.destroy();
      await expect.poll(() => countOf('left') - left).toBe(times);
    };
    const first = openOf();
    // What is opened once stays open, such as the links between processes.
    await comeAndGo(10);
    await expect.poll(() => openOf() - first).toBeLessThan(10);
    const before = openOf();
    await comeAndGo(1_000);
    await expect.poll(() => openOf() - before).toBeLessThanOrEqual(0);
  });

  test('a WebSocket carries messages larger than any buffer both ways', async () => {
    const socket = new WebSocket(`${app.origin}/socket`);
    await once(socket, 'open');
    const message = Buffer.alloc(5 * mebibyte, 'threadforge');
    socket.send(message);
    const [echo] = await once(socket, 'message');
    expect(message.equals(echo as Buffer)).toBe(true);
    socket.close(1000);
    const [code] = await once(socket, 'close');
    expect(code).toBe(1000);
  });
});

/** Asks for an upgrade and leaves the end to the other side; gives what it was answered. */
const asksInVain = (app: IngressApp, path: string): Promise<{ answer: string; code?: string }> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(app.origin).port));
    let answer = '';
    let code: string | undefined;
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.once('close', () => resolve({ answer, ...(code === undefined ? {} : { code }) }));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n`);
  });

test('a client whose upgrade is refused is hung up on, and sees whether the refusal is all', async () => {
  await using app = await startIngressApp({ target });
  const whole = await asksInVain(app, '/refused/whole');
  expect(whole).toEqual({ answer: expect.stringMatching(/ 403 .*not for it$/s) });
  expect((await fetch(`${app.origin}/work`)).status).toBe(200);
  for (const how of ['half', 'unmeasured']) {
    const part = await asksInVain(app, `/refused/${how}`);
    expect(part).toEqual({ answer: expect.stringContaining(' 403 '), code: 'ECONNRESET' });
  }
});

test('a client sees that the rest is missing when a worker dies in the middle of its answer', async () => {
  await using app = await startIngressApp({ target });
  const download = await open(app, '/events');
  const [first] = await once(download, 'data');
  expect(String(first)).toContain('retry');

  process.kill(app.pidsOf('target')[0] ?? 0, 'SIGKILL');
  await expect(textOf(download)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(download.complete).toBe(false);
});

test('a WebSocket ends without goodbye when its worker dies', async () => {
  await using app = await startIngressApp({ target });
  const socket = new WebSocket(`${app.origin}/socket`);
  await once(socket, 'open');
  process.kill(app.pidsOf('target')[0] ?? 0, 'SIGKILL');
  const [code] = await once(socket, 'close');
  expect(code).toBe(1006);
});

test('a WebSocket that its worker never answers is refused when the time of a request is over', async () => {
  const timeouts = { ...target.timeouts, request: '300 ms' };
  await using app = await startIngressApp({ target: { ...target, timeouts } });
  const [pid] = app.pidsOf('target');
  const silent = new WebSocket(`${app.origin}/silent`);
  const [, answer] = await once(silent, 'unexpected-response');
  expect(answer.statusCode).toBe(504);
  await noted(app, { forsaken: pid });
  // It may have done something: no other worker is asked.
  expect(app.ledger().filter((fact) => 'silent' in fact)).toHaveLength(1);

  const answered = new WebSocket(`${app.origin}/socket`);
  await once(answered, 'open');
  // One that was asked later has had its time.
  expect((await fetch(`${app.origin}/hang`)).status).toBe(504);
  answered.send('still here');
  const [data] = await once(answered, 'message');
  expect(String(data)).toBe('still here');
  answered.terminate();
});

test('a worker that drains ends what is open: at once, in its own way, or when its time is over', async () => {
  await using app = await startIngressApp({
    target: { ...target, group: 'main' },
    caller: { ...caller, group: 'main' },
  });
  const opened = await Promise.all([0, 1].map(() => open(app, '/resumable')));
  const streams = await Promise.all([0, 1].map(() => open(app, '/events')));
  const endless = await open(app, '/endless');
  const sockets = ['/socket', '/socket', '/own', '/own'].map(
    (path) => new WebSocket(`${app.origin}${path}`),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const codes = sockets.map(async (socket) => (await once(socket, 'close'))[0]);

  // Replaces the worker of both by one of the target alone.
  await app.engine.apply({ kind: 'split', service: 'caller' });

  expect(await Promise.all(opened.map(textOf))).toEqual(['begin end', 'begin end']);
  expect(await Promise.all(codes)).toEqual([1012, 1012, 4000, 4000]);
  for (const events of await Promise.all(streams.map(textOf))) expect(events).toContain('data: 1');
  await expect(textOf(endless)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a reload sends WebSockets to the new worker at once, though the old one stays at hand', async () => {
  await using app = await startIngressApp({ target });
  const sockets = ['/socket', '/own'].map((path) => new WebSocket(`${app.origin}${path}`));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const [old = 0] = app.pidsOf('target');
  const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));

  await app.engine.apply({ kind: 'reload', service: 'target' });

  expect(await codes).toEqual([1012, 4000]);
  expect(app.pidsOf('target')).toContain(old);
});

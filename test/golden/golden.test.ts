import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import type { ClientMessage, ServerMessage } from '../../src/protocol/control/messages.ts';
import { decodeClientMessage } from '../../src/protocol/control/schema.ts';
import { encodeFrame, type Frame, FrameDecoder } from '../../src/protocol/rpc/frame.ts';
import type { ToSupervisor, ToWorker } from '../../src/protocol/worker/messages.ts';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { Channel as WorkerChannel } from '../../src/sdk/channel/channel.ts';
import { connect } from '../../src/sdk/control/client.ts';
import {
  unpackCall,
  unpackChecked,
  unpackError,
  unpackValue,
} from '../../src/sdk/rpc/wire/payload.ts';
import { Channel } from '../../src/supervisor/process/channel.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

/**
 * Sessions as they were recorded: of every released version one is kept for ever, and whoever is
 * newer must still understand it. A file is never edited; a new version gets a new one.
 */
const linesOf = (file: string): readonly (readonly [who: string, text: string])[] =>
  readFileSync(join(import.meta.dirname, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);

describe('control protocol 1', () => {
  const session = linesOf('control-v1.txt');
  const asked = session.flatMap(([who, text]) => (who === '>' ? [JSON.parse(text)] : []));
  const answers: readonly ServerMessage[] = session.flatMap(([who, text]) =>
    who === '<' ? [JSON.parse(text)] : [],
  );

  test('is understood by the supervisor', () => {
    expect(asked.length).toBeGreaterThan(10);
    for (const message of asked) expect(decodeClientMessage(message)).toEqual(message);
  });

  test('is understood by the client', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'control.sock');
    const server = createServer((socket) => answerAsRecorded(socket, session));
    await once(server.listen(path), 'listening');
    const [hello, ...requests] = asked as readonly ClientMessage[];
    if (hello?.type !== 'hello') throw new Error('The session does not begin with a hello');
    const snapshots: unknown[] = [];
    await using client = await connect(path, hello);
    for (const request of requests) {
      if (request.type !== 'request') continue;
      const { method, params, id } = request;
      const recorded = answers.find((answer) => 'id' in answer && answer.id === id);
      const answer =
        method === 'subscribe'
          ? client.subscribe(1_000, (snapshot) => snapshots.push(snapshot))
          : client.request(method, params as never);
      await expectAnswer(answer, recorded);
    }
    expect(snapshots).toEqual(
      answers.flatMap((answer) => (answer.type === 'snapshot' ? [answer.snapshot] : [])),
    );
    server.close();
  });
});

describe('worker protocol 1', () => {
  const session = linesOf('worker-v1.txt');
  const said = session.flatMap(([who, text]) => (who === '>' ? [JSON.parse(text)] : []));
  const told = session.flatMap(([who, text]) => (who === '<' ? [JSON.parse(text)] : []));

  test('is understood by the supervisor', async () => {
    using folder = temporaryFolder();
    const heard: ToSupervisor[] = [];
    const path = join(folder.path, 'workers.sock');
    const gone = Promise.withResolvers<void>();
    await using _channel = await Channel.listen(path, (hello) => {
      heard.push(hello);
      return { receive: (message) => heard.push(message), disconnected: () => gone.resolve() };
    });
    dial(path).end(session.map(([who, text]) => (who === '>' ? `${text}\n` : '')).join(''));
    await gone.promise;

    expect(said.length).toBeGreaterThan(5);
    expect(heard).toEqual(said);
  });

  test('is understood by the worker', async () => {
    using folder = temporaryFolder();
    const heard: ToWorker[] = [];
    const all = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      for (const message of told) socket.write(`${JSON.stringify(message)}\n`);
    });
    await once(server.listen(runFiles.channel(folder.path)), 'listening');
    const channel = new WorkerChannel({
      runDir: folder.path,
      hello: said[0],
      onMessage: (message) => {
        heard.push(message);
        if (heard.length === told.length) all.resolve();
      },
      onConnect: () => undefined,
      onOrphaned: () => undefined,
      orphanGraceMs: 60_000,
    });
    await all.promise;
    await channel.close();
    server.close();

    expect(heard).toEqual(told);
  });
});

describe('rpc protocol 1', () => {
  const session = linesOf('rpc-v1.txt');
  const bytes = session.map(([, hex]) => Buffer.from(hex, 'hex'));
  const frames = session.flatMap(([who], index) => {
    const decoder = new FrameDecoder();
    return decoder.push(bytes[index] ?? Buffer.alloc(0)).map((frame) => ({ who, frame }));
  });
  const from = 'ingress';
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const odd = {
    when: new Date(0),
    set: new Set([1]),
    bytes: Buffer.from('ab'),
    big: 2n ** 70n,
    none: null,
    missing: undefined,
    half: 0.5,
    text: 'größe 😀',
  };
  const notExposed = { code: 'METHOD_NOT_EXPOSED', exitCode: 1 };

  test('is cut into the frames that were sent, and each is written as it was', () => {
    expect(frames.map(({ who, frame }) => `${who} ${frame.type} ${frame.id}`)).toEqual([
      ...[1, 2, 3, 4, 5, 6].flatMap((id) => [
        `caller 1 ${id}`,
        `callee ${[1, 2, 5].includes(id) ? 2 : 3} ${id}`,
      ]),
      'callee 5 0',
      'caller 5 0',
    ]);
    expect(frames.map(({ frame }) => encodeFrame(frame))).toEqual(bytes);
    for (const { who, frame } of frames.slice(0, 12)) {
      expect(frame.traceparent).toBe(who === 'caller' ? traceparent : '');
      expect(frame.deadlineMs > 0).toBe(who === 'caller');
      expect(new Date(frame.sentAt).getFullYear()).toBe(2026);
    }
  });

  const sent = (who: string, id: number): Frame => {
    const found = frames.find((each) => each.who === who && each.frame.id === id);
    if (found === undefined) throw new Error(`The session has no frame ${id} of the ${who}`);
    return found.frame;
  };

  test.each([
    [
      1,
      {
        kind: 'route',
        service: 'hello',
        method: 'hello',
        args: [undefined, { id: '7' }, { q: ['a', 'b'] }],
      },
    ],
    [3, { kind: 'call', service: 'names', method: 'constructor', args: [] }],
    [4, { kind: 'event', service: 'names', method: 'user.created', args: [{ id: 7 }] }],
    [5, { kind: 'message', service: 'names', method: '', args: ['hi'] }],
    [6, { kind: 'request', service: 'names', method: '', args: ['hi'] }],
  ])('call %i is understood', (id, call) => {
    expect(unpackCall(sent('caller', id).payload)).toEqual({ ...call, from, carried: { hops: 0 } });
  });

  test('call 2 is understood, and refused for the set in it, which is data no more', () => {
    const { payload } = sent('caller', 2);
    expect(unpackChecked(payload)).toEqual(['call', 'names', 'nameOf', ['7', odd], from]);
    expect(() => unpackCall(payload)).toThrow('What was sent holds a Set');
  });

  test('answers and errors are understood', () => {
    const value = (id: number): unknown => unpackValue(sent('callee', id).payload);
    const error = (id: number): unknown => unpackError(sent('callee', id).payload);
    expect(value(1)).toEqual({ hello: 'visitor 7', pid: 1235 });
    expect(value(2)).toBe('visitor 7');
    expect(error(3)).toMatchObject({ ...notExposed, message: 'names.constructor is not exposed' });
    expect(error(4)).toMatchObject({ ...notExposed, message: 'names.user.created is not exposed' });
    expect(value(5)).toBeUndefined();
    expect(error(6)).toMatchObject({
      code: 'INTERNAL',
      message: 'Names does not answer requests (this one is from ingress)',
    });
  });
});

/** Says after each message of the client what the supervisor said after it. */
function answerAsRecorded(
  socket: Socket,
  session: readonly (readonly [who: string, text: string])[],
): void {
  const turns: string[] = [];
  for (const [who, text] of session) {
    if (who === '>') turns.push('');
    else turns.push(`${turns.pop() ?? ''}${text}\n`);
  }
  createInterface(socket).on('line', () => socket.write(turns.shift() ?? ''));
}

const expectAnswer = async (
  answer: Promise<unknown>,
  recorded: ServerMessage | undefined,
): Promise<void> => {
  switch (recorded?.type) {
    case 'reply':
      expect(await answer).toEqual(recorded.result);
      return;
    case 'error':
      await expect(answer).rejects.toMatchObject(recorded.error);
      return;
    default:
      throw new Error('The session has no answer to this request');
  }
};

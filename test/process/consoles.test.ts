import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { controlProtocolVersion, type ServerMessage } from '../../src/protocol/control/messages.ts';
import { encodeLine, LineDecoder } from '../../src/protocol/json-lines.ts';
import type { Status } from '../../src/protocol/metrics.ts';
import { connect as dial } from '../../src/sdk/control/client.ts';
import { scaled } from '../console/shop.ts';
import { crowd } from '../helpers/crowd.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';

const actor = { uid: 0, user: 'ada', tty: '', origin: 'top' } as const;

type Console = Disposable & {
  readonly socket: Socket;
  /** What each snapshot that it was sent says of its moment, the first one apart. */
  readonly ticks: readonly number[];
};

/** Asks for as many snapshots as there may be. */
const subscribe = (socket: Socket): void => {
  socket.write(
    encodeLine({ type: 'hello', version: controlProtocolVersion, role: 'viewer', actor }),
  );
  const params = { everyMs: 200 };
  socket.write(encodeLine({ type: 'request', id: 1, method: 'subscribe', params }));
};

const attach = async ({ socketPath }: FixedSupervisor): Promise<Console> => {
  const socket = connect(socketPath);
  const decoder = new LineDecoder('The supervisor');
  const ticks: number[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => {
    // A supervisor of the same version.
    for (const message of decoder.push(text) as Iterable<ServerMessage>) {
      if (message.type === 'snapshot') ticks.push(message.snapshot.points ?? 0);
    }
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  subscribe(socket);
  return { socket, ticks, [Symbol.dispose]: () => socket.destroy() };
};

const attachAll = (
  supervisor: FixedSupervisor,
  all: DisposableStack,
): Promise<readonly Console[]> =>
  Promise.all(Array.from({ length: 100 }, async () => all.use(await attach(supervisor))));

const sent = (consoles: readonly Console[]): number =>
  consoles.reduce((sum, { ticks }) => sum + ticks.length, 0);

/** Resolves when each has been sent so many more. */
const sentMore = (consoles: readonly Console[], more: number): Promise<void> => {
  const before = consoles.map(({ ticks }) => ticks.length);
  return expect
    .poll(() => consoles.every(({ ticks }, index) => ticks.length >= (before[index] ?? 0) + more), {
      timeout: 60_000,
    })
    .toBe(true);
};

test('what a hundred consoles are sent is put into bytes once for many of them [C3]', async () => {
  const { status, ...rest } = crowd(60, 1);
  let encoded = 0;
  const toJSON = (): Status => {
    encoded += 1;
    return status;
  };
  const counted = { ...status, toJSON };
  await using supervisor = await serveFixed({ snapshot: { ...rest, status: counted } });
  using all = new DisposableStack();
  const consoles = await attachAll(supervisor, all);
  await sentMore(consoles, 1);
  const [sentBefore, encodedBefore] = [sent(consoles), encoded];
  await sentMore(consoles, 5);
  expect(encoded - encodedBefore).toBeLessThan((sent(consoles) - sentBefore) / 10);
});

test('of a hundred consoles those that do not read are left out, and go on with what is new [C3]', async () => {
  const size = encodeLine({ type: 'snapshot', snapshot: crowd(60, 1) }).length;
  await using supervisor = await serveFixed({ snapshot: crowd(60, 1) });
  using all = new DisposableStack();
  const consoles = await attachAll(supervisor, all);
  await sentMore(consoles, 1);
  const [readers, stalled] = [consoles.slice(0, 10), consoles.slice(10)];
  for (const { socket } of stalled) socket.pause();
  // By then the kernel has taken what it takes for those who do not read.
  await sentMore(readers, 10);
  const before = stalled.map(({ ticks }) => ticks.length);

  supervisor.show(crowd(60, 2));
  await sentMore(readers, 5);
  supervisor.show(crowd(60, 3));
  await sentMore(readers, 5);
  for (const { socket } of stalled) socket.resume();
  await sentMore(stalled, 10);

  for (const [index, { ticks }] of stalled.entries()) {
    const [old, missed, last] = [61, 62, 63].map((tick) =>
      ticks.slice(before[index]).filter((each) => each === tick),
    );
    // No more than the kernel keeps for each, and what it could not take at once.
    expect((old?.length ?? 0) * size).toBeLessThan(600_000);
    expect(missed).toEqual([]);
    expect(last?.length).toBeGreaterThan(0);
  }
});

test('who has ordered something sees what came of it, whatever others were just sent', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(1, 1), action: scaled });
  await using other = await dial(supervisor.socketPath, { role: 'viewer' });
  await using operator = await dial(supervisor.socketPath, { role: 'operator' });
  await other.subscribe(10_000, () => undefined);
  supervisor.show(crowd(1, 2));
  await operator.request('undo', {});
  expect(await operator.subscribe(10_000, () => undefined)).toMatchObject({ points: 62 });
});

test('a console that reads nothing does not keep a supervisor from ending [C2]', async () => {
  const supervisor = await serveFixed({ snapshot: crowd(60, 1) });
  const stalled = connect(supervisor.socketPath).on('error', () => undefined);
  subscribe(stalled);
  await expect.poll(supervisor.served).toBeGreaterThan(0);
  await supervisor[Symbol.asyncDispose]();
  stalled.destroy();
});

/** All that the supervisor tells a client until it lets it go. */
const toldTo = async (socket: Socket): Promise<readonly object[]> => {
  const decoder = new LineDecoder('The supervisor');
  const told: object[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => told.push(...decoder.push(text)));
  await new Promise((resolve) => socket.once('close', resolve));
  return told;
};

const refusal = { type: 'error', error: { code: 'BAD_MESSAGE' } };

test('a client that asks at too great a length is told once, and let go [C4]', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(1, 1) });
  const socket = connect(supervisor.socketPath);
  for (let sent = 0; sent < 20; sent += 1) socket.write('x'.repeat(200_000));
  expect(await toldTo(socket)).toMatchObject([refusal]);
});

test('a program that asks what no supervisor knows is told so, and not that there is none', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(1, 1) });
  await using program = await dial(supervisor.socketPath, { role: 'viewer' });
  const asked = [program.request('unheard' as 'status', {}), program.request('status', {})];
  const [unheard] = await Promise.allSettled(asked);
  expect(unheard).toMatchObject({
    reason: { code: 'BAD_MESSAGE', message: expect.stringContaining('method') },
  });
});

test('a client that begins a line and does not end it, or a byte at a time, is let go [C4]', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(1, 1) });
  const [silent, slow] = [connect(supervisor.socketPath), connect(supervisor.socketPath)];
  using quiet = await attach(supervisor);
  quiet.socket.write('{"type":"request","id":2,');
  quiet.socket.write('"method":"status","params":{}}\n');
  silent.write('{"type":"hel');
  const dripping = setInterval(() => slow.write(' '), 500);
  slow.once('close', () => clearInterval(dripping));
  expect(await toldTo(silent)).toMatchObject([refusal]);
  expect(await toldTo(slow)).toMatchObject([refusal]);
  // Who ended its lines may say nothing for as long as it likes.
  await sentMore([quiet], 1);
});

import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { controlProtocolVersion } from '../../src/protocol/control/messages.ts';
import { encodeLine, LineDecoder } from '../../src/protocol/json-lines.ts';
import { crowd } from '../helpers/crowd.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';

const actor = { uid: 0, user: 'ada', tty: '', origin: 'top' } as const;

type Console = Disposable & { readonly socket: Socket; readonly snapshots: () => number };

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
  let snapshots = 0;
  socket.setEncoding('utf8').on('data', (text: string) => {
    snapshots += [...decoder.push(text)].filter((each) => 'snapshot' in each).length;
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  subscribe(socket);
  return { socket, snapshots: () => snapshots, [Symbol.dispose]: () => socket.destroy() };
};

test('of a hundred consoles those that do not read are left out, and the others miss nothing [C3]', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(60, 1) });
  using all = new DisposableStack();
  const consoles = await Promise.all(
    Array.from({ length: 100 }, async () => all.use(await attach(supervisor))),
  );
  await expect.poll(() => consoles.every(({ snapshots }) => snapshots() > 0)).toBe(true);
  const [readers, stalled] = [consoles.slice(0, 10), consoles.slice(10)];
  for (const { socket } of stalled) socket.pause();

  const read = (): number => readers.reduce((sum, { snapshots }) => sum + snapshots(), 0);
  const given = (): number => supervisor.served() - read();
  const givenBefore = given();
  /** What was made for others while the readers got so many more. */
  const wasted = async (more: number): Promise<number> => {
    const [served, before] = [supervisor.served(), read()];
    await expect.poll(read, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + more);
    return supervisor.served() - served - (read() - before);
  };
  await expect.poll(() => wasted(40), { timeout: 60_000 }).toBeLessThanOrEqual(readers.length);

  // No more than the kernel keeps for each, and what it could not take at once.
  const size = encodeLine({ type: 'snapshot', snapshot: crowd(60, 1) }).length;
  expect(((given() - givenBefore) * size) / stalled.length).toBeLessThan(600_000);

  const [late] = stalled;
  const seen = late?.snapshots() ?? 0;
  late?.socket.resume();
  await expect.poll(() => late?.snapshots()).toBeGreaterThan(seen + 10);
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
  const seen = quiet.snapshots();
  await expect.poll(quiet.snapshots).toBeGreaterThan(seen);
});

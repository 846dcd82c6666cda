import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { openTerminal, type Terminal } from '../../helpers/terminal.ts';
import { ask, type Fault, free, timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';
import { withinBudget } from './supervisor-budget.ts';

type Rude = {
  readonly count: number;
  readonly bytes: Buffer;
  /** The supervisor hangs up on it at once. */
  readonly isRefused?: true;
};

/** Clients of the control socket that do not behave. */
const rudeClients = (id: string, fault: string, { count, bytes, isRefused }: Rude): Fault =>
  free(id, fault, (app) =>
    withinBudget(app, { memoryMb: 50 }, async () => {
      const sockets = Array.from({ length: count }, () => rudeClient(app, bytes));
      await app.whole();
      // Who reads nothing does not see that it was hung up on.
      if (isRefused) for (const socket of sockets) socket.resume();
      await app.until('the end of their connections', async () =>
        !isRefused || sockets.every(({ closed }) => closed) ? true : undefined,
      );
      for (const socket of sockets) socket.destroy();
      await app.whole();
    }),
  );

/** It says this, and reads nothing of what it is answered. */
const rudeClient = ({ runDir }: FaultApp, bytes: Buffer): Socket => {
  const socket = connect(runFiles.control(runDir)).on('error', () => undefined);
  socket.write(bytes);
  return socket;
};

type Subscription = { readonly everyMs: number; readonly newPoints?: true };

const subscription = (params: Subscription): Buffer =>
  Buffer.from(
    [
      {
        type: 'hello',
        version: 1,
        role: 'viewer',
        actor: { uid: 0, user: 'test', tty: '', origin: 'top' },
      },
      { type: 'request', id: 1, method: 'subscribe', params },
    ]
      .map((message) => `${JSON.stringify(message)}\n`)
      .join(''),
  );

const openConsole = (app: FaultApp): Terminal =>
  openTerminal(['top', '--app', app.directory], { columns: 120, rows: 40, env: app.env });

/** Connections that the supervisor holds for somebody; the kernel calls those 03. */
const clientsOf = ({ runDir }: FaultApp): number => {
  const connected = new RegExp(` 03 +\\d+ ${runFiles.control(runDir)}$`);
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return sockets.filter((line) => connected.test(line)).length;
};

const killedConsoles = async (app: FaultApp): Promise<void> => {
  for (const signal of ['SIGKILL', 'SIGHUP'] as const) {
    await using top = openConsole(app);
    await top.shows('neighbour');
    if (clientsOf(app) === 0) throw new Error('the console is not connected');
    top.kill(signal);
    await top.exited;
    await timed(app, 'their connections closed after', () =>
      app.until('the end of their connections', async () =>
        clientsOf(app) === 0 ? true : undefined,
      ),
    );
  }
};

/** It writes without an end to a terminal that does not read, and then shows what is new. */
const stalledConsole = async (app: FaultApp): Promise<void> => {
  await using top = openConsole(app);
  await top.shows('neighbour');
  top.stall();
  await withinBudget(app, { memoryMb: 10 }, async () => {
    await ask(app, 100);
    await app.apply({ kind: 'scale', service: 'target', workers: 3 });
    await app.apply({ kind: 'scale', service: 'target', workers: 2 });
    await app.whole();
  });
  top.goOn();
  await top.shows('last scale target 3→2');
  top.type('q');
  if ((await top.exited) !== 0) throw new Error('the console ended in another way');
};

const attached = 100;
const stalled = 20;
const comings = 30;
const everyMs = 100;
/** As a console asks. */
const snapshotEveryMs = 1_000;

type Reader = { readonly socket: Socket; readonly since: number; lines: number };

const startReader = (socket: Socket): Reader => {
  const reader = { socket, since: performance.now(), lines: 0 };
  socket.setEncoding('utf8').on('data', (text: string) => {
    reader.lines += text.split('\n').length - 1;
  });
  return reader;
};

/** The greeting and the first snapshot come at once, and a timer of the supervisor's may be early. */
const isToldTooOften = ({ since, lines }: Reader): boolean =>
  lines > 3 + (performance.now() - since) / snapshotEveryMs;

const crowd = async (app: FaultApp): Promise<void> => {
  using sockets = new DisposableStack();
  const bytes = subscription({ everyMs: snapshotEveryMs, newPoints: true });
  const attach = (): Socket => sockets.adopt(rudeClient(app, bytes), (socket) => socket.destroy());
  for (let index = 0; index < stalled; index += 1) attach();
  const readers = Array.from({ length: attached - stalled }, () => startReader(attach()));
  const allThere = (): Promise<true> =>
    app.until('all to be connected', async () => (clientsOf(app) < attached ? undefined : true));
  await allThere();
  await withinBudget(app, { memoryMb: 30, cpuPercent: 10 }, async () => {
    for (let coming = 0; coming < comings; coming += 1) {
      readers.shift()?.socket.destroy();
      readers.push(startReader(attach()));
      await after(everyMs);
    }
  });
  // Those who came last may still wait for a machine that is full; who was hung up on never comes.
  await allThere();
  const often = readers.filter(isToldTooOften);
  if (often.length > 0) throw new Error(`${often.length} are told more often than they asked`);
};

/** What clients of the control socket can do. */
export const controlFaults: readonly Fault[] = [
  free('C1', 'consoles that are killed, or whose terminal is closed', killedConsoles),
  free('C2', 'a console whose terminal reads nothing', stalledConsole),
  rudeClients('C4', 'control clients that send garbage', {
    count: 20,
    bytes: Buffer.from('no JSON at all\n'),
    isRefused: true,
  }),
  rudeClients('C4b', 'control clients that send half a frame', {
    count: 20,
    bytes: Buffer.from('{"type":"hel'),
  }),
  rudeClients('C4c', 'a control client that sends 100 MB', {
    count: 1,
    bytes: Buffer.alloc(100 * 1024 * 1024, 'x'),
    isRefused: true,
  }),
  rudeClients('C3', '100 control clients that subscribe and never read', {
    count: 100,
    bytes: subscription({ everyMs: 200 }),
  }),
  {
    ...free(
      'C3b',
      '100 consoles, 20 of which read nothing, while ten a second come and go',
      (app) => withinBudget(app, { memoryMb: 30 }, () => crowd(app)),
    ),
    isLong: true,
  },
];

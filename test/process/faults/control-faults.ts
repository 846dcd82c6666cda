import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { openTerminal, type Terminal } from '../../helpers/terminal.ts';
import { ask, type Fault, free } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

/** Clients of the control socket that do not behave. */
const rudeClients = (
  id: string,
  fault: string,
  { count, bytes }: { readonly count: number; readonly bytes: Buffer },
): Fault =>
  free(id, fault, async (app) => {
    const sockets = Array.from({ length: count }, () => connect(runFiles.control(app.runDir)));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(bytes);
    }
    await app.whole();
    for (const socket of sockets) socket.destroy();
    await app.whole();
  });

const subscription = Buffer.from(
  [
    {
      type: 'hello',
      version: 1,
      role: 'viewer',
      actor: { uid: 0, user: 'test', tty: '', origin: 'top' },
    },
    { type: 'request', id: 1, method: 'subscribe', params: { everyMs: 200 } },
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
  }
  await app.until('the end of their connections', async () =>
    clientsOf(app) === 0 ? true : undefined,
  );
};

/** It writes without an end to a terminal that does not read, and then shows what is new. */
const stalledConsole = async (app: FaultApp): Promise<void> => {
  await using top = openConsole(app);
  await top.shows('neighbour');
  top.stall();
  await ask(app, 100);
  await app.apply({ kind: 'scale', service: 'target', workers: 3 });
  await app.apply({ kind: 'scale', service: 'target', workers: 2 });
  await app.whole();
  top.goOn();
  await top.shows('last scale target 3→2');
  top.type('q');
  if ((await top.exited) !== 0) throw new Error('the console ended in another way');
};

/** What clients of the control socket can do. */
export const controlFaults: readonly Fault[] = [
  free('C1', 'consoles that are killed, or whose terminal is closed', killedConsoles),
  free('C2', 'a console whose terminal reads nothing', stalledConsole),
  rudeClients('C4', 'control clients that send garbage', {
    count: 20,
    bytes: Buffer.from('no JSON at all\n'),
  }),
  rudeClients('C4b', 'control clients that send half a frame', {
    count: 20,
    bytes: Buffer.from('{"type":"hel'),
  }),
  rudeClients('C4c', 'a control client that sends 100 MB', {
    count: 1,
    bytes: Buffer.alloc(100 * 1024 * 1024, 'x'),
  }),
  rudeClients('C3', '100 control clients that subscribe and never read', {
    count: 100,
    bytes: subscription,
  }),
];

import { connect } from 'node:net';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { type Fault, free } from './fault.ts';

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

/** What clients of the control socket can do. */
export const controlFaults: readonly Fault[] = [
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

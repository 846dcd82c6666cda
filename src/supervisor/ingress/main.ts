import { setTimeout } from 'node:timers/promises';
import type { RoutingTable } from '../../protocol/topology.ts';
import {
  type IngressAssignment,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import { Channel } from '../../sdk/channel/channel.ts';
import { endOrphan } from '../../sdk/channel/orphan.ts';
import { keepOutput } from '../../sdk/channel/output.ts';
import { showTitle } from '../../sdk/channel/title.ts';
import { Credential } from '../../sdk/rpc/identity/credential.ts';
import { Pace } from '../../sdk/rpc/meters/pace.ts';
import { ProcessMeter } from '../../sdk/rpc/meters/process-meter.ts';
import { Ingress } from './ingress.ts';

/** Entry of the ingress process, which inherits the descriptors of its ports. */
const ownDrainMs = 2_000;

const assignment = JSON.parse(process.env['FORGE_WORKER'] ?? '{}') as IngressAssignment;
keepOutput(assignment.workerId);
showTitle({ app: assignment.app, who: 'ingress' });
const credential = new Credential(assignment.workerId);
const ingress = new Ingress({
  ...assignment,
  introduce: (path) => credential.introduction(path),
  tell: (observed) => channel.send(observed),
});
const measured = new ProcessMeter();
let started = false;

const sampling = new Pace(() => {
  channel.send({ type: 'sample', sample: measured.take([ingress.backends.meter]) });
  ingress.backends.witness.report();
});

const end = async (): Promise<void> => {
  await ingress.end();
  process.exit(0);
};

/** Without a supervisor nobody else keeps the time. */
const endSoon = async (): Promise<void> => {
  await Promise.race([ingress.drain(), setTimeout(ownDrainMs)]);
  await ingress.end();
};

const start = async (): Promise<void> => {
  if (!started) await Promise.all(assignment.ports.map((port) => ingress.listen(port)));
  started = true;
  channel.send({ type: 'ready', contracts: {}, failed: [] });
};

const update = async (table: RoutingTable): Promise<void> => {
  await ingress.update(table);
  channel.send({ type: 'routed', generation: table.generation });
};

const receive = (message: ToWorker): void => {
  switch (message.type) {
    case 'routes':
      void update(message.table);
      return;
    case 'start':
      void start();
      return;
    case 'drain':
      void ingress.drain().then(() => {
        ingress.backends.witness.leave();
        channel.send({ type: 'drained' });
      });
      return;
    case 'pace':
      sampling.every(message.sampleEveryMs);
      return;
    case 'http':
      ingress.change(message.http);
      return;
    case 'ports': // It accepts on descriptors of its own, as long as it lives.
    case 'slowest': // It runs nobody's methods.
    case 'rest': // No watchdog speaks for it.
    case 'settled': // It puts nothing off.
      return;
    case 'stop':
      void end();
  }
};

const channel = new Channel({
  held: assignment.held,
  runDir: assignment.runDir,
  orphanGraceMs: assignment.orphanGraceMs,
  hello: {
    type: 'hello',
    version: workerProtocolVersion,
    runId: assignment.runId,
    workerId: assignment.workerId,
    pid: process.pid,
    key: credential.publicKey,
  },
  onMessage: receive,
  onConnect: () => {
    channel.send({ type: 'bound', contracts: {} });
    if (started) channel.send({ type: 'ready', contracts: {}, failed: [] });
  },
  onOrphaned: () => void endOrphan({ ...assignment, leave: endSoon }),
});

sampling.every(assignment.sampleEveryMs);

process.on('SIGINT', () => undefined);
process.once('SIGTERM', () => void endSoon().then(() => process.exit(0)));

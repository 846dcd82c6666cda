import {
  type IngressAssignment,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import { firstDescriptor } from '../../protocol/worker/succession.ts';
import { Channel } from '../../sdk/channel/channel.ts';
import { endOrphan } from '../../sdk/channel/orphan.ts';
import { ProcessMeter } from '../../sdk/rpc/process-meter.ts';
import { Ingress } from './ingress.ts';

/** Entry of the ingress process; the first descriptor it inherits is the HTTP port. */

const assignment = JSON.parse(process.env['FORGE_WORKER'] ?? '{}') as IngressAssignment;
const ingress = new Ingress(assignment.requestTimeoutMs);
const measured = new ProcessMeter();
let started = false;
let sampling: NodeJS.Timeout | undefined;

const sample = (everyMs: number): void => {
  clearInterval(sampling);
  sampling = setInterval(() => {
    channel.send({ type: 'sample', sample: measured.take([ingress.meter]) });
  }, everyMs);
};

const end = async (): Promise<void> => {
  await ingress.drain();
  process.exit(0);
};

const start = async (): Promise<void> => {
  if (!started) await ingress.listen(firstDescriptor);
  started = true;
  channel.send({ type: 'ready', contracts: {}, failed: [] });
};

const receive = (message: ToWorker): void => {
  switch (message.type) {
    case 'routes':
      ingress.update(message.table);
      return;
    case 'start':
      void start();
      return;
    case 'drain':
      void ingress.drain().then(() => channel.send({ type: 'drained' }));
      return;
    case 'pace':
      sample(message.sampleEveryMs);
      return;
    case 'stop':
      process.exit(0);
  }
};

const channel = new Channel({
  runDir: assignment.runDir,
  orphanGraceMs: assignment.orphanGraceMs,
  hello: {
    type: 'hello',
    version: workerProtocolVersion,
    runId: assignment.runId,
    workerId: assignment.workerId,
    pid: process.pid,
  },
  onMessage: receive,
  onConnect: () => {
    channel.send({ type: 'bound', contracts: {} });
    if (started) channel.send({ type: 'ready', contracts: {}, failed: [] });
  },
  onOrphaned: () => void endOrphan({ ...assignment, leave: () => ingress.drain() }),
});

sample(assignment.sampleEveryMs);

process.on('SIGINT', () => undefined);
process.once('SIGTERM', () => void end());

import type { Server } from 'node:net';
import {
  type GuestAssignment,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import { Channel } from '../channel/channel.ts';
import { Pace } from '../rpc/meters/pace.ts';
import { ProcessMeter } from '../rpc/meters/process-meter.ts';
import { LameDuck } from './lame-duck.ts';

export type Guest = {
  readonly assignment: GuestAssignment;
  readonly server: Server;
  readonly asked: number;
};

/** Speaks to the supervisor from inside an existing server, which does not notice. */
export const beGuest = ({ assignment, server, asked }: Guest): void => {
  const { runDir, runId, workerId, orphanGraceMs, sampleEveryMs } = assignment;
  const hello = { type: 'hello', version: workerProtocolVersion, runId, workerId } as const;
  const duck = new LameDuck(server);
  const measured = new ProcessMeter();
  const receive = (message: ToWorker): void => {
    if (message.type === 'drain') void duck.leave().then(() => channel.send({ type: 'drained' }));
  };
  const channel = new Channel({
    runDir,
    orphanGraceMs,
    isGuest: true,
    hello: { ...hello, pid: process.pid, isGuest: true },
    onMessage: receive,
    onConnect: () => channel.send({ type: 'asked', port: asked }),
    // Its own handlers may still have something to do.
    onOrphaned: () => void duck.leave().then(() => process.kill(process.pid, 'SIGTERM')),
  });
  const sample = (): void => channel.send({ type: 'sample', sample: measured.take([]) });
  new Pace(sample, { isRef: false }).every(sampleEveryMs);
};

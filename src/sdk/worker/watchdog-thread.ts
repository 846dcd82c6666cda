import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { encodeLine } from '../../protocol/json-lines.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { stackOfMainThread } from './main-stack.ts';
import type { Watch } from './watchdog.ts';

/** Looks whether the main thread still beats; tells the supervisor when it does not. */
const { beat, runDir, hello, blockedAfterMs } = workerData as Watch;
const lookEveryMs = 200;
const repeatEveryMs = 1_000;

let last = Atomics.load(beat, 0);
let since = performance.now();
let toldAt: number | undefined;
let stack: string | undefined;
let socket: Socket | undefined;

const say = (message: object): void => {
  if (socket === undefined || socket.destroyed) {
    socket = connect(runFiles.channel(runDir));
    // A supervisor that is away hears of it with the next word.
    socket.on('error', () => undefined);
    socket.write(encodeLine(hello));
  }
  socket.write(encodeLine(message));
};

/** For whoever looks why calls to it break off. The streams of this thread need the main thread. */
const log = (forMs: number, where: string): void => {
  const seconds = (forMs / 1_000).toFixed(1);
  const msg = `the event loop is blocked for ${seconds} s by ${where}; at health.replaceAfter this worker is replaced`;
  const line = { time: new Date().toISOString(), level: 'warn', worker: hello.workerId, msg };
  try {
    writeSync(2, `${JSON.stringify(line)}\n`);
  } catch {
    // On a full disk the supervisor is told all the same.
  }
};

const blocked = async (forMs: number): Promise<void> => {
  toldAt = performance.now();
  if (stack === undefined) {
    stack = await stackOfMainThread();
    log(forMs, stack);
  }
  say({ type: 'blocked', forMs, stack });
};

const unblocked = (): void => {
  if (toldAt !== undefined) say({ type: 'unblocked' });
  socket?.end();
  socket = undefined;
  toldAt = undefined;
  stack = undefined;
};

setInterval(() => {
  const now = performance.now();
  const current = Atomics.load(beat, 0);
  if (current !== last) {
    unblocked();
    last = current;
    since = now;
  } else if (now - since >= blockedAfterMs && now - (toldAt ?? 0) >= repeatEveryMs) {
    void blocked(now - since);
  }
}, lookEveryMs);

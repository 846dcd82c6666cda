import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { encodeLine } from '../../protocol/json-lines.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { stackOfMainThread } from './main-stack.ts';
import { beatOnce, closeBeatEveryMs, shared, type Watch } from './watchdog.ts';

/** Looks whether the main thread still beats; tells the supervisor when it does not. */
const { beat, runDir, hello, blockedAfterMs } = workerData as Watch;
const lookEveryMs = 200;
const repeatEveryMs = 1_000;
/** So many beats that did not come are one piece of work, and not a late core. */
const stalledAfterMs = 4 * closeBeatEveryMs;

let last = Atomics.load(beat, shared.beats);
let since = performance.now();
let toldAt: number | undefined;
let stack: string | undefined;
/** Of this close look. */
let isNamed = false;
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

/** Node between two callbacks, or the beat itself, holds nothing: the one that did has just ended. */
const isSomebodys = (found: string): boolean =>
  !found.startsWith(`${beatOnce.name} (`) &&
  found.split(' < ').some((frame) => !frame.includes('(node:'));

/** Once in a close look; whoever runs when the stack is read must be the one that was waited for. */
const stalled = async (forMs: number): Promise<void> => {
  const seen = last;
  isNamed = true;
  const found = await stackOfMainThread();
  isNamed = Atomics.load(beat, shared.beats) === seen && isSomebodys(found);
  if (isNamed) say({ type: 'stalled', forMs, stack: found });
};

const unblocked = (): void => {
  if (toldAt !== undefined) say({ type: 'unblocked' });
  socket?.end();
  socket = undefined;
  toldAt = undefined;
  stack = undefined;
};

const look = (): void => {
  const now = performance.now();
  const current = Atomics.load(beat, shared.beats);
  const isClose = Atomics.load(beat, shared.isClose) === 1;
  if (!isClose) isNamed = false;
  if (current !== last) {
    unblocked();
    last = current;
    since = now;
  } else if (now - since >= blockedAfterMs && now - (toldAt ?? 0) >= repeatEveryMs) {
    void blocked(now - since);
  } else if (isClose && !isNamed && now - since >= stalledAfterMs) {
    void stalled(now - since);
  }
  setTimeout(look, isClose ? closeBeatEveryMs : lookEveryMs);
};

look();

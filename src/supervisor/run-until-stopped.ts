import { ms } from '../protocol/units.ts';
import {
  exitCodeOf,
  onSignal,
  type Signal,
  type SignalEffect,
  type SignalState,
} from './signals.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Runs an app in this process until it has stopped; the answer is the exit code. Signals count from
 * the first moment on: a supervisor that is only just starting has workers already.
 */
export const runUntilStopped = async (
  start: () => Promise<Supervisor>,
  onReady: (supervisor: Supervisor) => void | Promise<void> = () => undefined,
): Promise<number> => {
  outliveReaders();
  const started = Promise.withResolvers<Supervisor>();
  using signals = listen((effect) => void started.promise.then((one) => obey(one, effect)));
  const supervisor = await start();
  started.resolve(supervisor);
  const settled = supervisor.settled().then(async () => {
    if (!supervisor.isStopping) await onReady(supervisor);
  });
  try {
    await Promise.race([settled, supervisor.closed]);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  await supervisor.closed;
  return signals.exitCode();
};

const obey = (supervisor: Supervisor, effect: SignalEffect): void => {
  switch (effect) {
    case 'stop':
      // How it ends, `closed` tells.
      supervisor.stop().catch(() => undefined);
      return;
    case 'kill':
      supervisor.kill();
      return;
    case 'reload':
      void supervisor.reload();
      return;
    case 'none':
  }
};

const signalNames: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const listen = (
  perform: (effect: SignalEffect) => void,
): Disposable & { readonly exitCode: () => number } => {
  const streams = [process.stdin, process.stdout, process.stderr];
  let state: SignalState = { status: 'running', attended: streams.some(({ isTTY }) => isTTY) };
  const receivers = signalNames.map((name) => {
    const receive = (): void => {
      const step = onSignal(state, name, ms(performance.now()));
      state = step.state;
      perform(step.effect);
    };
    process.on(name, receive);
    return { name, receive };
  });
  return {
    exitCode: () => exitCodeOf(state),
    [Symbol.dispose]: () => {
      for (const { name, receive } of receivers) process.off(name, receive);
    },
  };
};

/** A terminal that has closed, or a pipe that nobody reads any more, must not end the app. */
const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
};

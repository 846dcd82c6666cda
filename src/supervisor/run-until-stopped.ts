import { supervisorName } from '../protocol/logs.ts';
import { ms } from '../protocol/units.ts';
import { keepOutput } from '../sdk/channel/output.ts';
import { Notifier } from './notify/notifier.ts';
import {
  exitCodeOf,
  onSignal,
  type Signal,
  type SignalEffect,
  type SignalState,
} from './signals.ts';
import type { Supervisor } from './supervisor.ts';

export type Life = {
  readonly start: () => Promise<Supervisor>;
  readonly onReady?: (supervisor: Supervisor) => void | Promise<void>;
  /** It goes on where another supervisor left off. */
  readonly tookOver?: boolean;
};

/**
 * Runs an app in this process until it has stopped; the answer is the exit code. Signals count from
 * the first moment on: a supervisor that is only just starting has workers already.
 */
export const runUntilStopped = async ({
  start,
  onReady,
  tookOver = false,
}: Life): Promise<number> => {
  outliveReaders();
  keepOutput(supervisorName);
  const started = Promise.withResolvers<Supervisor>();
  const onTrouble = (text: string): void => void started.promise.then((one) => one.note(text));
  using notifier = new Notifier({ tookOver, onTrouble });
  using signals = listen((effect) => {
    void started.promise.then((supervisor) => obey(effect, { supervisor, notifier }));
  });
  if (tookOver) await notifier.tookOver();
  const supervisor = await start();
  started.resolve(supervisor);
  void supervisor.stopping.then(() => notifier.stopping());
  notifier.watch(() => supervisor.status());
  const settled = supervisor.settled().then(async () => {
    if (supervisor.isStopping) return;
    await onReady?.(supervisor);
    notifier.ready(supervisor.status());
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

type Parts = { readonly supervisor: Supervisor; readonly notifier: Notifier };

const obey = (effect: SignalEffect, parts: Parts): void => {
  switch (effect) {
    case 'stop':
      // How it ends, `closed` tells.
      parts.supervisor.stop().catch(() => undefined);
      return;
    case 'kill':
      parts.supervisor.kill();
      return;
    case 'reload':
      void reload(parts);
      return;
    case 'none':
  }
};

const reload = async ({ supervisor, notifier }: Parts): Promise<void> => {
  notifier.reloading();
  await supervisor.reload();
  if (!supervisor.isStopping) notifier.ready(supervisor.status());
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

import { supervisorName } from '../protocol/logs.ts';
import { ms } from '../protocol/units.ts';
import { keepOutput } from '../sdk/channel/output.ts';
import { showTitle } from '../sdk/channel/title.ts';
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
  /** Rejects with the reason of the signal when it waits for another one and is told to give up. */
  readonly start: (signal: AbortSignal) => Promise<Supervisor>;
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
  const givenUp = new AbortController();
  const signals = listen((effect) => {
    if (effect === 'stop') givenUp.abort();
    void started.promise.then((supervisor) => obey(effect, { supervisor, notifier }));
  });
  if (tookOver) await notifier.tookOver();
  const supervisor = await start(givenUp.signal).catch((error: unknown) => {
    if (error === givenUp.signal.reason) return undefined;
    throw error;
  });
  if (supervisor === undefined) return signals.exitCode();
  showTitle({ app: supervisor.status().app, who: supervisorName });
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

/** To the end of the process: an impatient signal must not spoil the exit code of one that is done. */
const listen = (perform: (effect: SignalEffect) => void): { readonly exitCode: () => number } => {
  const streams = [process.stdin, process.stdout, process.stderr];
  let state: SignalState = { status: 'running', attended: streams.some(({ isTTY }) => isTTY) };
  for (const name of signalNames) {
    process.on(name, () => {
      const step = onSignal(state, name, ms(performance.now()));
      state = step.state;
      perform(step.effect);
    });
  }
  // Left to itself, Node gives signals their default action back while it tears itself down.
  process.once('beforeExit', () => process.exit());
  return { exitCode: () => exitCodeOf(state) };
};

/** A terminal that has closed, or a pipe that nobody reads any more, must not end the app. */
const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
};

import type { Status } from '../../protocol/metrics.ts';
import { type Millis, ms } from '../../protocol/units.ts';

/** What a service manager is told, as sd_notify(3) has it: one assignment each. */
export type Message = readonly string[];

type Services = Pick<Status, 'services'>;
type Environment = Readonly<Record<string, string | undefined>>;

export const readyMessage = (status: Services): Message => ['READY=1', statusLine(status)];

export const aliveMessage = (status: Services): Message => ['WATCHDOG=1', statusLine(status)];

export const stoppingMessage: Message = ['STOPPING=1', 'STATUS=stopping'];

/** It is over with the next ready message; `micros` is the monotonic clock's, in µs. */
export const reloadingMessage = (micros: bigint): Message => [
  'RELOADING=1',
  `MONOTONIC_USEC=${micros}`,
  'STATUS=reloading',
];

/** The process that took over is the one to watch from now on. */
export const tookOverMessage = (pid: number): Message => [`MAINPID=${pid}`];

const statusLine = ({ services }: Services): string => {
  const named = (wanted: string): readonly string[] =>
    services.filter(({ status }) => status === wanted).map(({ name }) => name);
  const failed = named('failed');
  const problem = failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`;
  return `STATUS=${named('ready').length} of ${services.length} services ready${problem}`;
};

/**
 * How often a sign of life is due: twice as often as demanded. `WATCHDOG_PID` names the process
 * that is meant, or the one from which this supervisor took over.
 */
export const watchdogEvery = (
  env: Environment,
  { pid, tookOver }: { readonly pid: number; readonly tookOver: boolean },
): Millis | undefined => {
  const micros = Number(env['WATCHDOG_USEC']);
  if (!Number.isFinite(micros) || micros <= 0) return undefined;
  const meant = env['WATCHDOG_PID'];
  if (meant !== undefined && meant !== String(pid) && !tookOver) return undefined;
  return ms(micros / 1_000 / 2);
};

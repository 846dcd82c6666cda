import { clockOrigin, clockVariable } from '../../sdk/channel/clock.ts';
import { ownToSmall } from '../small-process.ts';

type Environment = Readonly<Record<string, string>>;

let origin = clockOrigin();

/** That of the first supervisor of the run, which its successors were told. */
export const runClock = (): number => origin;

/** A run goes on by its clock, whoever started this supervisor of it. */
export const goOnBy = (clock: number | undefined): void => {
  origin = clock ?? origin;
};

/** The variables of this process, for the supervisor that comes after it. */
export const ownEnvironment = (): Environment => ({
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  ),
  [clockVariable]: String(runClock()),
});

/** What a service manager says to the supervisor: workers that heard it would answer in its name. */
const supervisorsOwn: readonly string[] = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

/** The variables of this process, for a worker. */
export const workerEnvironment = (): Environment => {
  const env = ownEnvironment();
  const own = [...supervisorsOwn, ...ownToSmall(env)];
  return Object.fromEntries(Object.entries(env).filter(([key]) => !own.includes(key)));
};

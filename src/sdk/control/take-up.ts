import { type ErrorData, toErrorData } from '../../protocol/forge-error.ts';
import type { Status } from '../../protocol/metrics.ts';
import type { ControlClient } from './client.ts';

/** How the app is now, and why the config could not be taken up. */
type TakenUp = { readonly status: Status; readonly broken?: ErrorData };

/**
 * Has the supervisor go over to what the config file says of these services, or all of it, before their
 * workers are replaced. A reload is of what the file says; a restart brings back what runs, whatever
 * somebody has done to the file.
 */
export const takeUp = async (
  client: ControlClient,
  kind: 'reload' | 'restart',
  services: readonly string[],
): Promise<TakenUp> => {
  try {
    const of = services.length === 0 ? {} : { services };
    return { status: await client.request('reconfigure', of) };
  } catch (cause) {
    const broken = toErrorData(cause);
    if (kind === 'reload' || !isOfTheFile(broken)) throw cause;
    return { status: await client.request('status', {}), broken };
  }
};

/** A wrong name is wrong usage as well, but not the file's. */
const isOfTheFile = ({ exitCode, code }: ErrorData): boolean =>
  exitCode === 2 && code !== 'UNKNOWN_SERVICE';

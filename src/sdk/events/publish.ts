import { toErrorData } from '../../protocol/forge-error.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { seconds } from '../../protocol/units.ts';
import { Caller } from '../rpc/calling/caller.ts';
import { Tries } from '../rpc/calling/tries.ts';
import { goBy } from '../rpc/calls.ts';
import { newTraceparent } from '../rpc/trace.ts';
import { deliveriesOf } from './publisher.ts';

export type Published = {
  readonly service: string;
  /** Of an event that every worker gets. */
  readonly workerId?: string;
  readonly error?: string;
};

/** Publishes one event from outside of the app, and waits until it has been handled. */
export const publish = async (
  table: RoutingTable,
  event: string,
  payload: unknown,
): Promise<readonly Published[]> => {
  const tries = new Tries({ mostWaiting: 1_000 });
  goBy(table.clock);
  const caller = new Caller({ requestTimeoutMs: seconds(30), maxPending: 1_000, tries });
  caller.update(table);
  const traceparent = newTraceparent();
  try {
    return await Promise.all(
      deliveriesOf(table, event).map(async ({ service, workerId, ...delivery }) => {
        const to = { service, ...(workerId === undefined ? {} : { workerId }) };
        const call = { ...delivery, ...to, args: [payload], from: 'forge', traceparent };
        return caller.call(call).then(
          () => to,
          (error: unknown) => ({ ...to, error: toErrorData(error).message }),
        );
      }),
    );
  } finally {
    caller.close();
  }
};

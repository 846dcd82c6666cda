import { hasNoMethods } from '../../../protocol/call-errors.ts';
import { unknownService } from '../../../protocol/errors.ts';
import type { RoutingTable } from '../../../protocol/topology.ts';
import { goBy, type OutboundCall } from '../calls.ts';
import { newTraceparent } from '../trace.ts';
import { Caller } from './caller.ts';
import { Tries } from './tries.ts';

type Question = Pick<OutboundCall, 'service' | 'method' | 'args'> & {
  readonly table: RoutingTable;
  readonly timeoutMs: number;
};

/** One call by somebody who is no service, and whatever is done with its answer while the link is there. */
export const callFromOutside = async <T>(
  { table, timeoutMs, ...call }: Question,
  take: (answer: unknown) => Promise<T>,
): Promise<T> => {
  const known = [...Object.keys(table.services), ...table.remotes.map(({ name }) => name)];
  if (!known.includes(call.service)) throw unknownService(call.service, known);
  if (isCommandIn(table, call.service)) throw hasNoMethods(call.service);
  goBy(table.clock);
  const caller = new Caller({
    requestTimeoutMs: timeoutMs,
    maxPending: 1,
    tries: new Tries({ mostWaiting: 1 }),
  });
  caller.update(table);
  try {
    const traceparent = newTraceparent();
    return await take(await caller.call({ kind: 'call', from: 'forge', traceparent, ...call }));
  } finally {
    caller.close();
  }
};

/** A program has no socket for calls. */
const isCommandIn = ({ services }: RoutingTable, name: string): boolean =>
  services[name]?.endpoints.some(({ rpcPath }) => rpcPath === '') === true;

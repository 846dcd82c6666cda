import { randomUUID } from 'node:crypto';
import type { Action, Plan } from '../protocol/action.ts';
import type { Snapshot } from '../protocol/control/messages.ts';
import { connect } from '../sdk/control/client.ts';

/** What the console needs of a supervisor; it could be on the other end of SSH. */
export type Link = {
  readonly plan: (recommendation: string) => Promise<Plan>;
  readonly accept: (recommendation: string) => Promise<Action>;
  readonly dismiss: (recommendation: string) => Promise<unknown>;
  readonly undo: () => Promise<Action>;
  readonly closed: Promise<void>;
  readonly close: () => void;
};

export type LinkOptions = {
  readonly socketPath: string;
  readonly readOnly: boolean;
  readonly everyMs: number;
};

export const openLink = async (
  { socketPath, readOnly, everyMs }: LinkOptions,
  onSnapshot: (snapshot: Snapshot) => void,
): Promise<Link> => {
  const role = readOnly ? 'viewer' : 'operator';
  const client = await connect(socketPath, { role, actor: { origin: 'top' } });
  onSnapshot(await client.subscribe(everyMs, onSnapshot));
  return {
    plan: (recommendation) => client.request('plan', { recommendation }),
    accept: (recommendation) => client.request('accept', { id: randomUUID(), recommendation }),
    dismiss: (recommendation) =>
      client.request('dismiss', { recommendation, why: 'from the console' }),
    undo: () => client.request('undo', {}),
    closed: client.closed,
    close: () => client.close(),
  };
};

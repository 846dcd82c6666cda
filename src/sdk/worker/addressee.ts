import { notConnected, takesNoMessages } from '../../protocol/call-errors.ts';
import type { RemoteService } from '../../protocol/topology.ts';

type Sender = {
  readonly name: string;
  readonly connects: readonly string[];
  readonly remotes: readonly RemoteService[];
};

/** Throws unless a service may send messages to this one: to nobody they would be lost unheard. */
export const checkAddressee = (to: string, { name, ...sender }: Sender): void => {
  // What is elsewhere answers calls of its methods over HTTP, and hears nothing else.
  if (isRemote(to, sender)) throw takesNoMessages(to);
  if (to !== name && !sender.connects.includes(to)) throw notConnected(name, to, hearers(sender));
};

/** Those of `connects` that hear messages. */
export const hearers = (sender: Omit<Sender, 'name'>): readonly string[] =>
  sender.connects.filter((to) => !isRemote(to, sender));

export const isRemote = (to: string, { remotes }: Pick<Sender, 'remotes'>): boolean =>
  remotes.some(({ name }) => name === to);

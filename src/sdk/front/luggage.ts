import type { Carried } from '../../protocol/rpc/carried.ts';
import type { Identity } from './auth/tokens.ts';
import type { Keyed } from './once.ts';

type Found = { readonly keyed: Keyed | undefined; readonly identity: Identity | undefined };

/** What a request takes along, with what was found out about it at this port. */
export const luggageOf = (carried: Carried, { keyed, identity }: Found): Carried =>
  keyed === undefined && identity === undefined
    ? carried
    : { ...carried, ...identity, ...(keyed === undefined ? {} : { headers: keyed.along }) };

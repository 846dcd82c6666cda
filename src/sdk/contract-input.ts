import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CallInput } from '../protocol/call-policy.ts';
import type { RouteAuth, RouteEntry } from '../protocol/contract.ts';

/** `Symbol.metadata` where the runtime has none yet; the name that compilers fall back to. */
export const metadataSymbol: symbol =
  (Symbol as { readonly metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata');

/** What a method takes and answers, checked by any Standard Schema, and how its calls are treated. */
export type MethodOptions = CallInput & {
  /** Of the first argument, or a list with one for each; of a route these are body, params, query. */
  readonly input?: StandardSchemaV1 | readonly (StandardSchemaV1 | undefined)[];
  readonly output?: StandardSchemaV1;
};

export type ExposeOptions = MethodOptions & {
  /** It may run twice without harm: a call that was cut off is tried again. */
  readonly idempotent?: boolean;
};

/** What a route asks of its requests; of sizes and times as people write them. */
export type RouteOptions = MethodOptions & {
  /** Longest body, such as `'64KB'`, in place of `http.limits.body`. */
  readonly bodyLimit?: string | number;
  /** So long a request with an `Idempotency-Key` runs once, and its answer is given again. */
  readonly once?: string | number;
  /** Only for those who send a valid token, see `http.auth`; with one of the roles, and all scopes. */
  readonly auth?: true | RouteAuth;
};

export type RouteInput = Pick<RouteEntry, 'method' | 'path' | 'handler' | 'host' | 'priority'> &
  RouteOptions;

/** `all`: every worker of the service handles the event, not one of them. */
export type SubscribeOptions = { readonly workers?: 'one' | 'all' };

/** What an author writes, in either form. */
export type ContractInput = {
  readonly expose?: readonly string[] | Readonly<Record<string, ExposeOptions>>;
  readonly routes?: readonly RouteInput[] | Readonly<Record<string, string>>;
  readonly emits?: Readonly<Record<string, string>>;
  /** Event, or a pattern such as `user.*` and `user.**`, → the method that handles it. */
  readonly on?: Readonly<Record<string, string | (SubscribeOptions & { readonly method: string })>>;
};

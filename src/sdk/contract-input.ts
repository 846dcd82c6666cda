import type { RouteEntry } from '../protocol/contract.ts';

/** `Symbol.metadata` where the runtime has none yet; the name that compilers fall back to. */
export const metadataSymbol: symbol =
  (Symbol as { readonly metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata');

export type ExposeOptions = {
  /** It may run twice without harm: a call that was cut off is tried again. */
  readonly idempotent?: boolean;
};

/** What an author writes, in either form. */
export type ContractInput = {
  readonly expose?: readonly string[] | Readonly<Record<string, ExposeOptions>>;
  readonly routes?: readonly RouteEntry[] | Readonly<Record<string, string>>;
  readonly emits?: Readonly<Record<string, string>>;
  readonly on?: Readonly<Record<string, string>>;
};

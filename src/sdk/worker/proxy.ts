import type { CallOptions } from '../call-options.ts';

type Ask = (method: string, args: readonly unknown[], options: CallOptions) => Promise<unknown>;
type Method = (...args: unknown[]) => unknown;

/** Plain methods: `this.users.getUser(id)`. `then` stays away, or awaiting a proxy would call it. */
export const proxyOf = (ask: Ask, options: CallOptions = {}): object => {
  const methods = new Map<string, Method>([
    ['with', (more) => proxyOf(ask, { ...options, ...(more as CallOptions) })],
  ]);
  return new Proxy(Object.create(null) as object, {
    get: (_target, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      const known = methods.get(name);
      if (known !== undefined) return known;
      const method: Method = (...args) => ask(name, args, options);
      methods.set(name, method);
      return method;
    },
  });
};

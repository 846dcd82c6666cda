import { type CallOptions, checkOptions } from '../call-options.ts';

type Ask = (args: readonly unknown[], options: CallOptions) => Promise<unknown>;
type Method = (...args: unknown[]) => unknown;

/**
 * What JavaScript itself asks objects for: to await a proxy, or to write it into a log, calls nobody.
 * Of these names a contract exposes none.
 */
export const isOfLanguage = (name: string): boolean =>
  name === 'then' || name === 'toJSON' || name in Object.prototype;

/**
 * Plain methods: `this.users.getUser(id)`. A method is made when it is asked for first, and found
 * like that of any object from then on.
 */
export const proxyOf = (askOf: (method: string) => Ask, options: CallOptions = {}): object => {
  const make = (name: string): Method => {
    const ask = askOf(name);
    return (...args) => ask(args, options);
  };
  const unmade = new Proxy(Object.create(null) as object, {
    get: (_target, name) => {
      if (typeof name !== 'string' || isOfLanguage(name)) return undefined;
      const value = make(name);
      Object.defineProperty(methods, name, { value });
      return value;
    },
  });
  const methods: object = Object.create(unmade, {
    with: {
      value: (more: CallOptions) => {
        checkOptions(more);
        return proxyOf(askOf, { ...options, ...more });
      },
    },
  });
  return methods;
};

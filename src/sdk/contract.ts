import type { Contract, HttpMethod, RouteEntry } from '../protocol/contract.ts';
import { contractInvalid } from '../protocol/errors.ts';
import { Service } from './service.ts';

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

export type ServiceClass = (new () => Service) & { readonly contract?: ContractInput };

/** The contract of a class: `static contract` and what decorators recorded, checked against its methods. */
export const contractOf = (name: string, type: ServiceClass): Contract => {
  const metadata = (
    type as unknown as Record<symbol, { readonly forge?: ContractInput } | undefined>
  )[metadataSymbol];
  const contract = [type.contract, metadata?.forge].reduce<Contract>(
    (merged, input) => merge(merged, input ?? {}),
    { expose: [], idempotent: [], routes: [], emits: {}, on: {} },
  );
  const named = [
    ...contract.expose,
    ...contract.routes.flatMap(({ handler }) => handler ?? []),
    ...Object.keys(contract.emits),
    ...Object.values(contract.on),
  ];
  const wrong = named.find((method) => !isOwnMethod(type, method));
  if (wrong !== undefined) throw contractInvalid(name, `names ${wrong}, which is no method of it`);
  return contract;
};

const merge = (contract: Contract, input: ContractInput): Contract => ({
  ...exposed(contract, input.expose ?? {}),
  routes: [...contract.routes, ...toRoutes(input.routes ?? [])],
  emits: { ...contract.emits, ...input.emits },
  on: { ...contract.on, ...input.on },
});

const exposed = (
  { expose, idempotent = [] }: Contract,
  input: NonNullable<ContractInput['expose']>,
): Pick<Contract, 'expose' | 'idempotent'> => {
  const options: Readonly<Record<string, ExposeOptions>> = isList(input)
    ? Object.fromEntries(input.map((method) => [method, {}]))
    : input;
  const twice = Object.keys(options).filter((method) => options[method]?.idempotent === true);
  return {
    expose: [...new Set([...expose, ...Object.keys(options)])],
    idempotent: [...new Set([...idempotent, ...twice])],
  };
};

/** `Array.isArray` does not narrow a readonly array away. */
const isList = (input: NonNullable<ContractInput['expose']>): input is readonly string[] =>
  Array.isArray(input);

const toRoutes = (routes: NonNullable<ContractInput['routes']>): readonly RouteEntry[] =>
  Array.isArray(routes)
    ? routes
    : Object.entries(routes).map(([route, handler]) => {
        const [method = 'GET', path = '/'] = route.split(/\s+/);
        // A method that HTTP does not know is refused by the router with its name.
        return { method: method as HttpMethod, path, handler: String(handler) };
      });

/** Declared by the author: never inherited from `Service` or `Object`. */
const isOwnMethod = (type: ServiceClass, method: string): boolean => {
  if (method === 'constructor' || method in Service.prototype) return false;
  return typeof (type.prototype as unknown as Record<string, unknown>)[method] === 'function';
};

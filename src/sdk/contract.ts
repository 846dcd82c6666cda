import findMyWay from 'find-my-way';
import {
  type Contract,
  type HttpMethod,
  httpMethods,
  type RouteEntry,
} from '../protocol/contract.ts';
import { contractInvalid } from '../protocol/errors.ts';
import { isEventName, isEventPattern } from '../protocol/event-pattern.ts';
import {
  type ContractInput,
  type ExposeOptions,
  metadataSymbol,
  type RouteInput,
} from './contract-input.ts';
import { shapeProblem } from './contract-shape.ts';
import type { Interceptors } from './interceptors/interceptor.ts';
import {
  isList,
  type MethodSchemas,
  policiesOf,
  schemaProblem,
  schemasOf,
} from './method-options.ts';
import { termsOf, termsProblem } from './route-terms.ts';
import { Service } from './service.ts';
import { isOfLanguage } from './worker/proxy.ts';

export type ServiceClass = (new () => Service) & {
  readonly contract?: ContractInput;
  readonly interceptors?: Interceptors;
};

/** The contract of a class: `static contract` and what decorators recorded, checked against its methods. */
export const contractOf = (name: string, type: ServiceClass): Contract => {
  const inputs = inputsOf(type);
  const problem =
    classProblem(type) ??
    first(inputs, shapeProblem) ??
    first(inputs, schemaProblem) ??
    first(inputs, termsProblem);
  if (problem !== undefined) throw contractInvalid(name, problem);
  const contract = inputs.reduce<Contract>(merge, {
    expose: [],
    idempotent: [],
    routes: [],
    emits: {},
    on: {},
  });
  const wrong =
    methodProblem(type, contract) ?? routeProblem(contract.routes) ?? eventProblem(contract);
  if (wrong !== undefined) throw contractInvalid(name, wrong);
  const calls = mergedPolicies(name, inputs);
  return Object.keys(calls).length > 0 ? { ...contract, calls } : contract;
};

/** What the methods of a class take and answer; these stay in the worker, as they are code. */
export const methodSchemas = (type: ServiceClass): ReadonlyMap<string, MethodSchemas> =>
  new Map(inputsOf(type).flatMap((input) => [...schemasOf(input)]));

/** `static contract`, and what decorators recorded. */
const inputsOf = (type: ServiceClass): readonly ContractInput[] => {
  const metadata = (
    type as unknown as Record<symbol, { readonly forge?: ContractInput } | undefined>
  )[metadataSymbol];
  return [type.contract ?? {}, metadata?.forge ?? {}];
};

const first = (
  inputs: readonly ContractInput[],
  problemOf: (input: ContractInput) => string | undefined,
): string | undefined => inputs.map(problemOf).find((problem) => problem !== undefined);

const mergedPolicies = (
  name: string,
  inputs: readonly ContractInput[],
): NonNullable<Contract['calls']> =>
  Object.fromEntries(
    inputs.map(policiesOf).flatMap((policies) => {
      if (typeof policies === 'string') throw contractInvalid(name, policies);
      return Object.entries(policies);
    }),
  );

/** By its methods: an app may have a copy of the package of its own. */
const classProblem = ({ prototype }: ServiceClass): string | undefined =>
  typeof prototype?.onStart === 'function' && typeof prototype.onStop === 'function'
    ? undefined
    : 'belongs to a class that does not extend Service';

const merge = (contract: Contract, input: ContractInput): Contract => ({
  ...exposed(contract, input.expose ?? {}),
  routes: [...contract.routes, ...toRoutes(input.routes ?? [])],
  emits: { ...contract.emits, ...input.emits },
  on: { ...contract.on, ...subscribed(input, 'one') },
  ...everywhereOf(contract, input),
});

const subscribed = ({ on = {} }: ContractInput, workers: 'one' | 'all'): Contract['on'] =>
  Object.fromEntries(
    Object.entries(on).flatMap(([event, given]) => {
      const { method, workers: wanted = 'one' } =
        typeof given === 'string' ? { method: given } : given;
      return wanted === workers ? [[event, method]] : [];
    }),
  );

const everywhereOf = (contract: Contract, input: ContractInput): Pick<Contract, 'everywhere'> => {
  const everywhere = { ...contract.everywhere, ...subscribed(input, 'all') };
  return Object.keys(everywhere).length > 0 ? { everywhere } : {};
};

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

const toRoutes = (routes: NonNullable<ContractInput['routes']>): readonly RouteEntry[] =>
  Array.isArray(routes)
    ? routes.map((route: RouteInput) => {
        const { method, path, handler, host, priority } = route;
        const terms = termsOf(route);
        return {
          method,
          path,
          ...(handler === undefined ? {} : { handler }),
          ...(host === undefined ? {} : { host }),
          ...(priority === undefined ? {} : { priority }),
          ...(terms === undefined ? {} : { terms }),
        };
      })
    : Object.entries(routes).map(([route, handler]) => {
        const [method = '', path = ''] = route.split(/\s+/);
        // A method that HTTP does not know is refused below.
        return { method: method as HttpMethod, path, handler: String(handler) };
      });

const methodProblem = (type: ServiceClass, contract: Contract): string | undefined => {
  const named = [
    ...contract.expose,
    ...contract.routes.flatMap(({ handler }) => handler ?? []),
    ...Object.keys(contract.emits),
    ...Object.values(contract.on),
    ...Object.values({ ...contract.everywhere }),
  ];
  const wrong = named.find((method) => !isOwnMethod(type, method));
  if (wrong === undefined) return languageProblem(contract);
  return wrong in Service.prototype
    ? `names ${wrong}, which every service has: give the method another name`
    : `names ${wrong}, which is no method of it`;
};

/** Nobody could call it. */
const languageProblem = ({ expose }: Contract): string | undefined => {
  const wrong = expose.find(isOfLanguage);
  return wrong === undefined
    ? undefined
    : `exposes ${wrong}, which JavaScript itself asks of objects: give the method another name`;
};

/** Declared by the author: never inherited from `Service` or `Object`. */
const isOwnMethod = (type: ServiceClass, method: string): boolean => {
  if (method === 'constructor' || method in Service.prototype) return false;
  return typeof (type.prototype as unknown as Record<string, unknown>)[method] === 'function';
};

const eventProblem = ({ emits, on, everywhere = {} }: Contract): string | undefined => {
  const wrong =
    Object.values(emits).find((each) => !isEventName(each)) ??
    [...Object.keys(on), ...Object.keys(everywhere)].find((each) => !isEventPattern(each));
  return wrong === undefined
    ? undefined
    : `has the event ${JSON.stringify(wrong)}, which is none; as in user.created, user.* or user.**`;
};

/** The ingress serves every service: a route that its router refuses must not get that far. */
const routeProblem = (routes: readonly RouteEntry[]): string | undefined => {
  const router = findMyWay();
  for (const { method, path, host } of routes) {
    const problem = problemOf(router, { method, path, host });
    if (problem !== undefined) return `has the route ${method} ${host ?? ''}${path}${problem}`;
  }
  return undefined;
};

const problemOf = (
  router: ReturnType<typeof findMyWay>,
  {
    method,
    path,
    host,
  }: Pick<RouteEntry, 'method' | 'path'> & { readonly host: string | undefined },
): string | undefined => {
  const constraints = host === undefined ? {} : { host };
  if (!httpMethods.includes(method)) return `, but the methods are ${httpMethods.join(', ')}`;
  if (router.hasRoute(method, path, constraints)) return ' twice';
  try {
    router.on(method, path, { constraints }, () => undefined);
    return undefined;
  } catch (error) {
    return `: ${error instanceof Error ? error.message : String(error)}`;
  }
};

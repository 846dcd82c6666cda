import type { HttpMethod } from '../protocol/contract.ts';
import { contractInvalid } from '../protocol/errors.ts';
import {
  type ContractInput,
  type ExposeOptions,
  metadataSymbol,
  type RouteOptions,
  type SubscribeOptions,
} from './contract-input.ts';

/** Compilers read `Symbol.metadata` when a decorated class is evaluated: it must be there by then. */
if (!('metadata' in Symbol)) {
  Object.defineProperty(Symbol, 'metadata', { value: metadataSymbol });
}

type Recorded = { forge?: ContractInput };
// Standard decorators hand over the method and its context; the method itself stays as it is.
type MethodDecorator = (method: unknown, context: ClassMethodDecoratorContext) => void;

const record =
  (add: (contract: ContractInput, method: string) => ContractInput): MethodDecorator =>
  (method, context) => {
    if (typeof context !== 'object') throw ofThatKind(method);
    const { metadata, name } = context;
    const recorded = metadata as Recorded;
    recorded.forge = add(recorded.forge ?? {}, String(name));
  };

/** Compilers that are told to hand over the prototype and a name instead. */
const ofThatKind = (prototype: unknown): Error => {
  const { name } = Object(prototype).constructor as { readonly name: string };
  return contractInvalid(
    name,
    'has decorators that were compiled with experimentalDecorators: take that out of tsconfig.json',
  );
};

/** Other services may call this method. */
export const Expose = (options: ExposeOptions = {}): MethodDecorator =>
  record((contract, method) => ({
    ...contract,
    expose: { ...contract.expose, [method]: options },
  }));

/** The ingress serves this method: `(body, params, query)`, answered as JSON, 201 for POST. */
export const Route = (
  method: HttpMethod,
  path: string,
  options: RouteOptions = {},
): MethodDecorator =>
  record((contract, handler) => {
    const routes = Array.isArray(contract.routes) ? contract.routes : [];
    return { ...contract, routes: [...routes, { ...options, method, path, handler }] };
  });

/** The method's result is published under this event after it succeeded. */
export const Emit = (event: string): MethodDecorator =>
  record((contract, method) => ({ ...contract, emits: { ...contract.emits, [method]: event } }));

/** The method handles this event, or those of a pattern. */
export const On = (event: string, options: SubscribeOptions = {}): MethodDecorator =>
  record((contract, method) => ({
    ...contract,
    on: { ...contract.on, [event]: { ...options, method } },
  }));

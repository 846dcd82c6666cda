import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CallPolicy } from '../protocol/call-policy.ts';
import { parseCallPolicy } from '../protocol/parse-call-policy.ts';
import type { ContractInput, ExposeOptions, MethodOptions } from './contract-input.ts';

export type MethodSchemas = {
  readonly input: readonly (StandardSchemaV1 | undefined)[];
  readonly output: StandardSchemaV1 | undefined;
};

type Named = readonly [method: string, options: MethodOptions];

/** What stands beside a method under `expose` and `routes`; both speak of the same method. */
export const optionsOf = ({ expose = [], routes = [] }: ContractInput): readonly Named[] => [
  ...(isList(expose)
    ? []
    : Object.entries(expose).map(([method, options]) => [method, withoutFlag(options)] as const)),
  ...(Array.isArray(routes)
    ? routes.map((route): Named => {
        const { method: _http, path: _path, host: _host, priority: _priority, ...rest } = route;
        const { handler, bodyLimit: _limit, once: _once, auth: _auth, ...options } = rest;
        return [handler, options];
      })
    : []),
];

/** `Array.isArray` does not narrow a readonly array away. */
export const isList = (input: NonNullable<ContractInput['expose']>): input is readonly string[] =>
  Array.isArray(input);

const withoutFlag = ({ idempotent: _idempotent, ...options }: ExposeOptions): MethodOptions =>
  options;

export const schemasOf = (input: ContractInput): ReadonlyMap<string, MethodSchemas> => {
  const schemas = new Map<string, MethodSchemas>();
  for (const [method, { input: given, output }] of optionsOf(input)) {
    if (given === undefined && output === undefined) continue;
    const known = schemas.get(method);
    schemas.set(method, {
      // A schema may be a function, but it is never an array.
      input:
        given === undefined ? (known?.input ?? []) : ([given].flat() as MethodSchemas['input']),
      output: output ?? known?.output,
    });
  }
  return schemas;
};

/** Method → its policy, or what is wrong with one of them. */
export const policiesOf = (input: ContractInput): Readonly<Record<string, CallPolicy>> | string => {
  const policies: Record<string, CallPolicy> = {};
  for (const [method, { input: _input, output: _output, ...settings }] of optionsOf(input)) {
    if (Object.keys(settings).length === 0) continue;
    const policy = parseCallPolicy(method, settings);
    if (typeof policy === 'string') return `gives ${method} ${policy}`;
    policies[method] = { ...policies[method], ...policy };
  }
  return policies;
};

export const schemaProblem = (input: ContractInput): string | undefined => {
  for (const [method, options] of optionsOf(input)) {
    const schemas = [options.input, options.output].flat();
    if (schemas.every((schema) => schema === undefined || isSchema(schema))) continue;
    return `gives ${method} an input or output that is no Standard Schema`;
  }
  return undefined;
};

const isSchema = (value: unknown): boolean =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  typeof (value as Partial<StandardSchemaV1>)['~standard']?.validate === 'function';

import { priorities, type RouteEntry } from '../protocol/contract.ts';
import { callKeys } from '../protocol/parse-call-policy.ts';
import type { ContractInput } from './contract-input.ts';
import { termKeys } from './route-terms.ts';

/** What is wrong with a `static contract`: authors of plain JavaScript have no compiler to tell. */
export const shapeProblem = (input: ContractInput): string | undefined => {
  const { expose = [], routes = [], emits = {}, on = {}, ...rest } = input;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    return `has the key ${unknown}, but the keys are expose, routes, emits and on`;
  }
  if (!isTexts(expose) && !isOptions(expose)) {
    return "has an expose that is not as in ['getUser'] or { getUser: { idempotent: true } }";
  }
  if (!isTable(emits)) return "has an emits that is not as in { createUser: 'user.created' }";
  if (!isObject(on) || !Object.values(on).every(isSubscription)) {
    return "has an on that is not as in { 'user.created': 'welcome' }";
  }
  const isRoutes = Array.isArray(routes) ? routes.every(isRoute) : isTable(routes);
  if (isRoutes) return undefined;
  return "has routes that are not as in [{ method: 'GET', path: '/users/:id', handler: 'getUser' }]";
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isTable = (value: unknown): boolean => isObject(value) && isTexts(Object.values(value));

const isOptions = (value: unknown): boolean =>
  isObject(value) &&
  Object.values(value).every((options) => isObject(options) && hasOnly(options, exposeKeys));

const methodKeys = ['input', 'output', ...callKeys];
const exposeKeys = ['idempotent', ...methodKeys];
const routeKeys = ['method', 'path', 'handler', 'host', 'priority', ...termKeys, ...methodKeys];

const hasOnly = (value: object, keys: readonly string[]): boolean =>
  Object.keys(value).every((key) => keys.includes(key));

const isSubscription = (value: unknown): boolean => {
  if (!isObject(value)) return typeof value === 'string';
  const { method, workers = 'one' } = value as { readonly method?: unknown; workers?: unknown };
  return (
    typeof method === 'string' &&
    (workers === 'one' || workers === 'all') &&
    hasOnly(value, ['method', 'workers'])
  );
};

const isRoute = (value: unknown): boolean => {
  const { method, path, handler, host, priority } = (value ?? {}) as Partial<RouteEntry>;
  return (
    isTexts([method, path, handler]) &&
    (host === undefined || /^[a-z0-9.-]+$/.test(host)) &&
    (priority === undefined || priorities.includes(priority)) &&
    hasOnly(value as object, routeKeys)
  );
};

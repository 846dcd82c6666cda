import type { RouteTerms } from '../protocol/contract.ts';
import { parseDuration, parseSize } from '../protocol/units.ts';
import type { ContractInput, RouteInput } from './contract-input.ts';

export const termKeys = ['bodyLimit', 'once', 'auth'] as const;

/** What a route asks of its requests; undefined when it asks for nothing. */
export const termsOf = ({ bodyLimit, once, auth }: RouteInput): RouteTerms | undefined => {
  const body = bodyLimit === undefined ? undefined : parseSize(bodyLimit);
  const onceMs = once === undefined ? undefined : parseDuration(once);
  if ((body ?? onceMs ?? auth) === undefined) return undefined;
  return {
    ...(body === undefined ? {} : { body }),
    ...(onceMs === undefined ? {} : { onceMs }),
    ...(auth === undefined ? {} : { auth: auth === true ? {} : auth }),
  };
};

export const termsProblem = ({ routes = [] }: ContractInput): string | undefined => {
  if (!Array.isArray(routes)) return undefined;
  for (const route of routes as readonly RouteInput[]) {
    const { handler, bodyLimit = 1, once = 1, auth = true } = route;
    if (!isGiven(bodyLimit, parseSize)) {
      return `gives ${handler} a bodyLimit that is no size, such as '64KB'`;
    }
    if (!isGiven(once, parseDuration)) {
      return `gives ${handler} a once that is no time, such as '10 min'`;
    }
    if (!isAuth(auth)) return `gives ${handler} an auth that is not as in { roles: ['admin'] }`;
  }
  return undefined;
};

const isGiven = (value: unknown, parse: (text: string | number) => number | undefined): boolean =>
  (typeof value === 'string' || typeof value === 'number') && (parse(value) ?? 0) > 0;

/** One that is misspelt would let everybody in. */
const isAuth = (value: unknown): boolean => {
  if (value === true) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([key, names]) => (key === 'roles' || key === 'scopes') && isNames(names),
  );
};

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

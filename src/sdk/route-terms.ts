import type { RouteTerms } from '../protocol/contract.ts';
import { parseDuration, parseSize } from '../protocol/units.ts';
import type { ContractInput, RouteInput } from './contract-input.ts';

export const termKeys = ['bodyLimit', 'once'] as const;

/** What a route asks of its requests; undefined when it asks for nothing. */
export const termsOf = ({ bodyLimit, once }: RouteInput): RouteTerms | undefined => {
  if (bodyLimit === undefined && once === undefined) return undefined;
  const body = bodyLimit === undefined ? undefined : parseSize(bodyLimit);
  const onceMs = once === undefined ? undefined : parseDuration(once);
  return {
    ...(body === undefined ? {} : { body }),
    ...(onceMs === undefined ? {} : { onceMs }),
  };
};

export const termsProblem = ({ routes = [] }: ContractInput): string | undefined => {
  if (!Array.isArray(routes)) return undefined;
  for (const { handler, bodyLimit = 1, once = 1 } of routes as readonly RouteInput[]) {
    if (!isGiven(bodyLimit, parseSize)) {
      return `gives ${handler} a bodyLimit that is no size, such as '64KB'`;
    }
    if (!isGiven(once, parseDuration)) {
      return `gives ${handler} a once that is no time, such as '10 min'`;
    }
  }
  return undefined;
};

const isGiven = (value: unknown, parse: (text: string | number) => number | undefined): boolean =>
  (typeof value === 'string' || typeof value === 'number') && (parse(value) ?? 0) > 0;

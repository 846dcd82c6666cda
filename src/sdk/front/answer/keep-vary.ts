import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { withVary } from './head-policy.ts';

type Value = number | string | readonly string[];

/** Whatever its writer sets as `Vary`, now or with the head, this name stays in it. */
export const keepVary = (response: ServerResponse, name: string): void => {
  const { setHeader, writeHead } = response;
  const set = (key: string, value: Value): ServerResponse => {
    const isVary = key.toLowerCase() === 'vary';
    return setHeader.call(response, key, isVary ? varied(value, name) : value);
  };
  response.setHeader = set;
  // Its overloads differ in what may be left out; only the last argument is looked at.
  const write = writeHead as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    const { vary, rest } = withoutVary(args.at(-1));
    if (vary === undefined) return write.apply(response, args);
    set('vary', vary);
    return write.apply(response, [...args.slice(0, -1), rest]);
  };
};

const varied = (value: Value, name: string): string =>
  String(withVary({ vary: [value].flat().join(', ') }, name)['vary']);

type Parted = { readonly vary?: Value; readonly rest?: unknown };

/** Headers are an object, or a list of names and values in turn. */
const withoutVary = (headers: unknown): Parted => {
  if (typeof headers !== 'object' || headers === null) return {};
  const pairs = Array.isArray(headers)
    ? pairsOf(headers.flat())
    : Object.entries(headers as OutgoingHttpHeaders);
  const isVary = ([key]: readonly [string, unknown]): boolean => key.toLowerCase() === 'vary';
  const found = pairs.filter(isVary).flatMap(([, value]) => value as Value);
  if (found.length === 0) return {};
  const others = pairs.filter((pair) => !isVary(pair));
  return {
    vary: found.join(', '),
    rest: Array.isArray(headers) ? others.flat() : Object.fromEntries(others),
  };
};

const pairsOf = (list: readonly unknown[]): readonly (readonly [string, unknown])[] =>
  list.flatMap((key, index) => (index % 2 === 0 ? [[String(key), list[index + 1]] as const] : []));

import type { HttpMethod, RouteEntry } from '../../protocol/contract.ts';

/** Where an operation stands in a document: `paths[key][verb]`. */
export type Spot<R> = {
  readonly route: R;
  readonly key: string;
  readonly verb: string;
  /** Path with its parameters in braces. */
  readonly path: string;
};

type Routed = { readonly entry: Pick<RouteEntry, 'method' | 'path' | 'host'> };

/**
 * Every route at each of its paths. A document has one operation for a path and a method: where
 * several hosts have one, that of all hosts is there, or else the first, and each of the others has
 * its host behind the path, as a fragment, which no client sends.
 */
export const spotsOf = <R extends Routed>(routes: readonly R[]): readonly Spot<R>[] => {
  const hosts = new Map<string, Set<string | undefined>>();
  const spots: Spot<R>[] = [];
  for (const route of [...routes].toSorted(byHost)) {
    const { method, path: declared, host } = route.entry;
    const verb = verbOf(method);
    for (const path of pathsOf(declared)) {
      const known = hosts.get(`${verb} ${path}`) ?? new Set();
      hosts.set(`${verb} ${path}`, known);
      // The first one answers.
      if (known.has(host)) continue;
      spots.push({ route, verb, path, key: known.size === 0 ? path : `${path}#${host}` });
      known.add(host);
    }
  }
  return spots;
};

/** Those of all hosts first, else as they were. */
const byHost = ({ entry: a }: Routed, { entry: b }: Routed): number =>
  Number(a.host !== undefined) - Number(b.host !== undefined);

const verbOf = (method: HttpMethod): string => method.toLowerCase();

/** As the router reads it: a parameter that may be left out, at the end. */
const optional = /(\/:[^/()]*?)\?(\/?)/;

const pathsOf = (path: string): readonly string[] => {
  if (!optional.test(path)) return [templateOf(path)];
  const without = path.replace(optional, '$2') || '/';
  return [without, path.replace(optional, '$1$2')].map(templateOf);
};

/** `/users/:id(\\d+)` is `/users/{id}`, and what a star stands for is called `wildcard`. */
const templateOf = (path: string): string =>
  path.replace(/:(\w+)(?:\([^)]*\))?\??/g, '{$1}').replace('*', '{wildcard}');

export const namesIn = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

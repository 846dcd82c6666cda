import { pathToFileURL } from 'node:url';
import { interceptorsInvalid } from '../../protocol/call-errors.ts';
import { type Around, type Interceptor, type Interceptors, written } from './interceptor.ts';

export type Written = { readonly server: readonly Around[]; readonly client: readonly Around[] };

/** Of a service: first those of the file that its config names, then those of its class. */
export const writtenInterceptors = async (
  service: string,
  type: { readonly interceptors?: unknown },
  file: string | undefined,
): Promise<Written> => {
  const module: object = file === undefined ? {} : await import(pathToFileURL(file).href);
  const sources = [{ ...module }, type.interceptors ?? {}].map((source) =>
    checked(service, source),
  );
  return {
    server: sources.flatMap(({ server = [] }) => server.map(written)),
    client: sources.flatMap(({ client = [] }) => client.map(written)),
  };
};

const sides = ['server', 'client'];

const checked = (service: string, source: unknown): Interceptors => {
  if (typeof source !== 'object' || source === null) {
    throw interceptorsInvalid(service, 'are no object');
  }
  for (const [side, list] of Object.entries(source)) {
    if (!sides.includes(side)) throw interceptorsInvalid(service, `have the key ${side}`);
    if (!isList(list))
      throw interceptorsInvalid(service, `have a ${side} that is no list of functions`);
  }
  return source;
};

const isList = (value: unknown): value is readonly Interceptor[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'function');

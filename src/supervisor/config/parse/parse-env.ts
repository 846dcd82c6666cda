import { resolve } from 'node:path';
import type { EnvFile, ServiceConfig, Variables } from '../../../protocol/topology.ts';
import type { Place } from './config-place.ts';
import type { Surroundings } from './parse-service.ts';

/** The environment of a service: what it says itself wins over its files, and a later file over an earlier. */
export const parseEnvironment = (
  place: Place,
  around: Surroundings,
): Pick<ServiceConfig, 'env' | 'envFiles' | 'appEnv'> => {
  const own = parseEnv(place.at('env'));
  const files = parseFiles(place.at('envFile'), around);
  const app = around.env?.app.variables ?? {};
  return {
    env: Object.assign({}, ...files.map(({ variables }) => variables), own),
    ...(files.length === 0 ? {} : { envFiles: files.map(toEnvFile) }),
    ...(Object.keys(app).length === 0 ? {} : { appEnv: app }),
  };
};

type ReadFile = { readonly file: string; readonly variables: Variables };

const toEnvFile = ({ file, variables }: ReadFile): EnvFile => ({
  file,
  names: Object.keys(variables),
});

const fix = "Write the path of a file, such as './users.env', or a list of them.";

const parseFiles = (
  place: Place,
  { directory, exists, env }: Surroundings,
): readonly ReadFile[] => {
  if (place.isAbsent) return [];
  const places = Array.isArray(place.value) ? place.items(fix) : [place];
  return places.map((one) => {
    const file = resolve(directory, one.text(fix) ?? '');
    if (!exists(file)) {
      throw one.invalid(
        `names ${JSON.stringify(one.value)}, which does not exist`,
        'Create it, or correct the path (it is relative to the config file).',
      );
    }
    return { file, variables: env?.read(file) ?? {} };
  });
};

const parseEnv = (place: Place): Variables => {
  if (place.isAbsent) return {};
  const fields = place.object("Write { NAME: 'value' }.");
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      if (typeof value === 'number' || typeof value === 'boolean') return [name, String(value)];
      throw place.at(name).invalid(`is ${JSON.stringify(value)}`, 'Write a text.');
    }),
  );
};

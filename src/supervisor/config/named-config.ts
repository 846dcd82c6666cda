import { serviceStopped } from '../../protocol/call-errors.ts';
import { unknownService } from '../../protocol/errors.ts';
import type { AppConfig } from './app-config.ts';

/** A service that runs, and the group in which operators have it. */
type Running = {
  readonly config: { readonly name: string };
  readonly group: string;
  readonly isStopped?: true;
};

type Situation = {
  readonly services: readonly Running[];
  readonly runs: AppConfig;
  readonly file: AppConfig;
};

/** The config that runs, with these services, or those of these groups, as the file has them now. */
export const namedConfig = (names: readonly string[], situation: Situation): AppConfig => {
  const { runs, file } = situation;
  const taken = withCompany(
    names.flatMap((name) => servicesNamed(name, situation)),
    situation,
  );
  const filed = file.services.map(({ name }) => name);
  const services = file.services.flatMap((service) => {
    if (taken.has(service.name)) return service;
    return runs.services.find(({ name }) => name === service.name) ?? [];
  });
  // What the file has no more goes on: nobody asked for its end.
  const kept = runs.services.filter(({ name }) => !filed.includes(name));
  return { ...runs, services: [...services, ...kept] };
};

const servicesNamed = (name: string, { services, file }: Situation): readonly string[] => {
  const running = services.map(({ config, ...rest }) => ({ name: config.name, ...rest }));
  const all = [...running, ...file.services];
  const own = all.some((one) => one.name === name);
  const found = [
    ...new Set(all.filter((one) => (own ? one.name : one.group) === name).map((one) => one.name)),
  ];
  if (found.length === 0) {
    throw unknownService(name, [...new Set(all.map((one) => one.name))]);
  }
  const stopped = running.filter(({ isStopped }) => isStopped === true).map((one) => one.name);
  if (found.every((one) => stopped.includes(one))) throw serviceStopped(name, found.join(' '));
  return found;
};

/** Who shares workers with one that is taken up gets new ones as well, here and where it goes. */
const withCompany = (
  names: readonly string[],
  { services, file }: Situation,
): ReadonlySet<string> => {
  const taken = new Set(names);
  const running = services.map(({ config, group }) => ({ name: config.name, group }));
  const present = running.map(({ name }) => name);
  const filed = file.services.filter(({ name }) => present.includes(name));
  // A set that grows while it is gone through is gone through to its end.
  for (const name of taken) {
    for (const list of [running, filed]) {
      const group = list.find((one) => one.name === name)?.group;
      for (const one of list) if (one.group === group) taken.add(one.name);
    }
  }
  return taken;
};

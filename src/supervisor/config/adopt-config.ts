import { readFileSync, writeFileSync } from 'node:fs';
import { refused } from '../../protocol/errors.ts';
import type { AppConfig } from './app-config.ts';
import { type Difference, isAlone } from './config-diff.ts';
import { loadConfig } from './load-config.ts';

type Services = Record<string, Record<string, unknown>>;

/** Writes what operators changed into the config file; gives up, and puts it back, if that fails. */
export const adoptIntoConfig = async (
  config: AppConfig,
  differences: readonly Difference[],
): Promise<void> => {
  const before = readFileSync(config.file, 'utf8');
  try {
    writeFileSync(config.file, await edited(config.file, before, differences));
    await checkAdopted(config.file, differences);
  } catch (cause) {
    writeFileSync(config.file, before);
    const lines = differences.map(({ service, key, to }) => `${service}.${key}: ${to}`).join(', ');
    throw Object.assign(
      refused(`${config.file} cannot be edited by a program`, `Write by hand: ${lines}.`),
      { cause },
    );
  }
};

const edited = async (
  file: string,
  text: string,
  differences: readonly Difference[],
): Promise<string> => {
  if (file.endsWith('.json')) {
    const raw = JSON.parse(text.replace(/^\uFEFF/, '')) as { services: Services };
    apply(raw.services, differences);
    return `${JSON.stringify(raw, undefined, 2)}\n`;
  }
  const { parseModule } = await import('magicast');
  const module = parseModule(text);
  const exported = module.exports['default'];
  // `export default defineServices({ … }, { … })`, or an object with `services`.
  const isCall = exported.$type === 'function-call';
  const call = isCall ? exported.$args[0] : exported;
  apply('services' in call ? call.services : call, differences);
  const { code } = module.generate();
  return text.endsWith('\n') ? `${code.trimEnd()}\n` : code;
};

const apply = (services: Services, differences: readonly Difference[]): void => {
  for (const difference of differences) {
    const service = services[difference.service];
    if (service === undefined) throw new Error(`${difference.service} is not written as an object`);
    if (difference.key === 'group' && isAlone(difference)) delete service['group'];
    else if (difference.key === 'workers') service['workers'] = workersWith(service, difference);
    else service[difference.key] = difference.to;
  }
};

/** Bounds stay bounds. */
const workersWith = (service: Record<string, unknown>, { to }: Difference): unknown => {
  const { workers } = service;
  return typeof workers === 'object' && workers !== null ? { ...workers, initial: to } : to;
};

const checkAdopted = async (file: string, differences: readonly Difference[]): Promise<void> => {
  const { services } = await loadConfig({ file });
  for (const { service, key, to } of differences) {
    const config = services.find(({ name }) => name === service);
    const is = key === 'group' ? config?.group : config?.workers.initial;
    if (is !== to) throw new Error(`${service}.${key} would be ${is}, not ${to}`);
  }
};

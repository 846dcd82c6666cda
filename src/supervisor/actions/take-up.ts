import { isDeepStrictEqual } from 'node:util';
import type { ConfigChange } from '../../protocol/config-change.ts';
import { refused } from '../../protocol/errors.ts';
import type { AppConfig } from '../config/app-config.ts';
import { askedConfig } from '../config/asked-config.ts';
import { configChanges } from '../config/config-changes.ts';
import { fixedChange } from '../config/fixed-change.ts';
import { loadConfig } from '../config/load-config.ts';
import { namedConfig } from '../config/named-config.ts';
import type { Engine } from '../engine.ts';

/**
 * Goes over to what the config file says now, if there is one; of only some services if they are
 * named. Throws and changes nothing when it cannot.
 */
export const takeUpConfig = async (engine: Engine, names?: readonly string[]): Promise<void> => {
  const { config: runs } = engine;
  const file = await fileOf(runs);
  const services = engine.services();
  const next = names === undefined ? file : namedConfig(names, { services, runs, file });
  if (runs.isServer) return;
  const fixed = fixedChange(runs, next);
  if (fixed !== undefined) throw refused(`${runs.file} ${fixed.problem}`, fixed.remedy);
  const isSame = names !== undefined && isDeepStrictEqual(next, runs);
  await engine.reconfigure(isSame ? runs : next);
};

/** What the config file says now, and what runs does not. */
export const changesOf = async (engine: Engine): Promise<readonly ConfigChange[]> => {
  const { config: runs } = engine;
  return configChanges({ runs, services: engine.services() }, await fileOf(runs));
};

/** An app without a config stays as it is. */
const fileOf = async (runs: AppConfig): Promise<AppConfig> =>
  runs.isServer ? runs : askedConfig(await loadConfig({ file: runs.file }), runs);

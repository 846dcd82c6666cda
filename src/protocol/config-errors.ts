import { listed } from './errors.ts';
import { ForgeError } from './forge-error.ts';
import { moduleRemedy } from './module-remedy.ts';

/** What can be wrong with what is to be started. */
export const configNotFound = (directory: string): ForgeError =>
  new ForgeError({
    code: 'CONFIG_NOT_FOUND',
    exitCode: 2,
    message: `There is no forge.config file in ${directory}`,
    remedy:
      'Let `forge init` write an app, name the folder of one with `--app DIR`, or start a server with `forge start FILE`.',
    facts: { directory },
  });

export const serverHasNoConfig = (directory: string): ForgeError =>
  new ForgeError({
    code: 'SERVER_HAS_NO_CONFIG',
    exitCode: 2,
    message: `The app in ${directory} is a server that was started without a config`,
    remedy:
      'See `forge status` for how it is; for settings, write a forge.config with its command, stop it, and `forge start`.',
    facts: { directory },
  });

export const configNotLoaded = (file: string, detail: string, cause?: unknown): ForgeError =>
  new ForgeError({
    code: 'CONFIG_NOT_LOADED',
    exitCode: 2,
    message: `${file} cannot be loaded: ${detail}`,
    remedy: moduleRemedy(detail, `Correct the file; \`node ${file}\` shows the whole error.`),
    facts: { file },
    cause,
  });

export const configUnknownKey = (at: {
  readonly file: string;
  readonly key: string;
  readonly known: readonly string[];
  readonly nearest?: string;
}): ForgeError =>
  new ForgeError({
    code: 'CONFIG_UNKNOWN_KEY',
    exitCode: 2,
    message: `${at.file}: unknown key ${at.key}`,
    remedy:
      at.nearest === undefined
        ? `Remove it; the keys known here are ${listed(at.known)}.`
        : `Did you mean ${at.nearest}? The keys known here are ${listed(at.known)}.`,
    facts: at,
  });

export const configInvalid = (at: {
  readonly file: string;
  readonly key: string;
  readonly problem: string;
  readonly fix: string;
}): ForgeError =>
  new ForgeError({
    code: 'CONFIG_INVALID',
    exitCode: 2,
    message: `${at.file}: ${at.key} ${at.problem}`,
    remedy: at.fix,
    facts: at,
  });

export const envFileInvalid = (file: string, problem: string, remedy: string): ForgeError =>
  new ForgeError({
    code: 'ENV_FILE_INVALID',
    exitCode: 2,
    message: `${file} cannot be used: ${problem}`,
    remedy,
    facts: { file },
  });

export const configCycle = (file: string, cycle: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'CONFIG_CYCLE',
    exitCode: 2,
    message: `${file}: dependsOn goes in a circle: ${cycle.join(' → ')}`,
    remedy: 'Remove one of these dependsOn entries; `connects` may be cyclic.',
    facts: { file, cycle },
  });

export const entryMissing = (at: {
  readonly file: string;
  readonly service: string;
  readonly entry: string;
}): ForgeError =>
  new ForgeError({
    code: 'ENTRY_MISSING',
    exitCode: 2,
    message: `${at.file}: services.${at.service}.entry names ${at.entry}, which does not exist`,
    remedy: 'Correct the path (it is relative to the config file), or create the file.',
    facts: at,
  });

export const entryNotBuilt = (service: string, cause: unknown): ForgeError =>
  new ForgeError({
    code: 'ENTRY_NOT_BUILT',
    exitCode: 2,
    message: `The entry of ${service} cannot be built: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: moduleRemedy(
      String(cause),
      'Correct the file; it is bundled, as Node cannot run it by stripping types.',
    ),
    facts: { service },
    cause,
  });

export const serverUnusable = (path: string, problem: string, remedy: string): ForgeError =>
  new ForgeError({
    code: 'SERVER_UNUSABLE',
    exitCode: 2,
    message: `${path} cannot be started: it ${problem}`,
    remedy,
    facts: { path },
  });

export const serviceNotLoaded = (problem: string): ForgeError =>
  new ForgeError({
    code: 'SERVICE_NOT_LOADED',
    exitCode: 2,
    message: `The services cannot be read: ${problem}`,
    remedy: moduleRemedy(problem, 'Correct the module; it is loaded as a worker would load it.'),
  });

export const filesExist = (files: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'FILES_EXIST',
    exitCode: 3,
    message: `${files.length === 1 ? 'There is' : 'There are'} already ${files.join(', ')}`,
    remedy: 'Nothing was written; name another folder with `forge init DIR`, or move them away.',
    facts: { files },
  });

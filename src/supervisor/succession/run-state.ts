import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defaultHttp } from '../../protocol/http.ts';
import { corruptSuffix, runFiles } from '../../protocol/worker/succession.ts';
import { readKept, writeAtomic } from '../../sdk/channel/atomic-file.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { PortNumbers } from './held-ports.ts';
import { runsOf } from './whereabouts.ts';

/**
 * What the next supervisor of a run takes over from this one. The config is the one that runs: the
 * file on disk may be newer, or broken.
 */
export type RunState = {
  readonly version: 1;
  readonly runId: string;
  readonly config: AppConfig;
  /** Service → the file that Node runs. */
  readonly entries: Readonly<Record<string, string>>;
  readonly ports: PortNumbers;
  /** What its processes add to the clock of the machine; an earlier version did not note it. */
  readonly clock?: number;
};

export const saveRunState = (runDir: string, state: RunState): void => {
  for (const file of filesOf(runDir)) writeAtomic(file, JSON.stringify(state));
};

/** With what could not be read of it. */
export const dropRunState = (runDir: string): void => {
  const names = existsSync(runDir) ? readdirSync(runDir) : [];
  const aside = names.filter((name) => name.endsWith(corruptSuffix));
  const all = [...filesOf(runDir), ...aside.map((name) => join(runDir, name))];
  for (const file of all) rmSync(file, { force: true });
};

/** The file, and its copy for when that cannot be read. */
const filesOf = (runDir: string): readonly string[] => [
  runFiles.state(runDir),
  runFiles.stateCopy(runDir),
];

/** Undefined when there is none, or none that this version can read. */
export const loadRunState = (runDir: string): RunState | undefined =>
  filesOf(runDir)
    .map((file) => decodeRunState(readKept(file)))
    .find((state) => state !== undefined);

/** Undefined for what is none, or one of another version. */
export const decodeRunState = (value: unknown): RunState | undefined => {
  if (!isFields(value)) return undefined;
  const { version, runId, config, entries, ports, clock = 0 } = value;
  const isWhole =
    version === 1 &&
    typeof runId === 'string' &&
    Number.isFinite(clock) &&
    isFields(entries) &&
    isFields(ports) &&
    isFields(ports['commands']) &&
    isFields(config) &&
    typeof config['app'] === 'string' &&
    typeof config['directory'] === 'string' &&
    Array.isArray(config['services']) &&
    isFields(config['supervisor']);
  if (!isWhole) return undefined;
  // What has these was written by a supervisor, which wrote the rest with them, but for the settings
  // of HTTP, which an earlier version did not have.
  const state = value as RunState;
  return { ...state, config: { ...state.config, http: state.config.http ?? defaultHttp } };
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The folder of the app that runs where the commands look for that of this folder. */
export const runningIn = (directory: string): string | undefined => {
  try {
    const state = runsOf(directory)
      .map(loadRunState)
      .find((one) => one !== undefined);
    return state?.config.directory;
  } catch {
    // No supervisor could run there either: the path is too long for a socket.
    return undefined;
  }
};

import { readFileSync } from 'node:fs';
import { defaultHttp } from '../../protocol/http.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import type { AppConfig } from '../topology/app-config.ts';
import { runDirsOf } from '../topology/run-dir.ts';
import { writeAtomic } from './atomic-file.ts';
import type { PortNumbers } from './held-ports.ts';

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
};

export const saveRunState = (runDir: string, state: RunState): void =>
  writeAtomic(runFiles.state(runDir), JSON.stringify(state));

/** Undefined when there is none, or none that this version can read. */
export const loadRunState = (runDir: string): RunState | undefined => {
  try {
    const state = JSON.parse(readFileSync(runFiles.state(runDir), 'utf8')) as RunState;
    if (state.version !== 1) return undefined;
    // A version before this one saved no settings of HTTP.
    return { ...state, config: { ...state.config, http: state.config.http ?? defaultHttp } };
  } catch {
    // Absent or unreadable: the run cannot be taken over.
    return undefined;
  }
};

/** The folder of the app that runs where the commands look for that of this folder. */
export const runningIn = (directory: string): string | undefined => {
  try {
    const state = runDirsOf(directory)
      .map(loadRunState)
      .find((one) => one !== undefined);
    return state?.config.directory;
  } catch {
    // No supervisor could run there either: the path is too long for a socket.
    return undefined;
  }
};

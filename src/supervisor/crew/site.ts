import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { privatePorts } from '../command/private-port.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { HeldPorts } from '../succession/held-ports.ts';
import type { Run } from '../succession/run.ts';

/** Where one run of an app takes place. */
export type Site = {
  /** The config that runs; a reload may bring another. */
  config: AppConfig;
  readonly runDir: string;
  readonly runId: string;
  readonly workerFile: string;
  readonly ingressFile: string;
  /** Service → the file that Node runs, which for decorated services is a bundle. */
  readonly entries: ReadonlyMap<string, string>;
  /** Those that the app listens on: the ingress holds them. */
  readonly ports: HeldPorts;
  /** What workers hold as well if they are to start the next supervisor. */
  readonly handed: () => ReturnType<HeldPorts['handed']>;
  /** Numbers the incarnations of all workers of the run. */
  readonly next: () => number;
  /** A port that no other command has. */
  readonly privatePort: () => number;
};

/** What the processes of an app run; its own worker and ingress unless a test brings others. */
export type ProcessFiles = {
  readonly workerFile?: string;
  readonly ingressFile?: string;
};

const extension = extname(import.meta.url);
const beside = (path: string): string =>
  fileURLToPath(new URL(`${path}${extension}`, import.meta.url));

const defaultWorkerFile = beside('../../sdk/worker/main');
const defaultIngressFile = beside('../ingress/main');

/**
 * Those of all incarnations that left a file here: also of one whose note cannot be read, as it may
 * still listen on its sockets.
 */
const numbersIn = (runDir: string): readonly number[] =>
  readdirSync(runDir)
    .flatMap((name) => /^w(\d+)\./.exec(name)?.[1] ?? [])
    .map(Number);

/** The site of a run; incarnations are numbered on from those that it has seen. */
export const siteOf = (config: AppConfig, run: Run, files: ProcessFiles): Site => {
  let incarnations = Math.max(0, ...numbersIn(run.directory));
  return {
    config,
    runDir: run.directory,
    runId: run.id,
    workerFile: files.workerFile ?? defaultWorkerFile,
    ingressFile: files.ingressFile ?? defaultIngressFile,
    entries: run.entries,
    ports: run.ports,
    handed: () => (config.supervisor.successor ? run.ports.handed() : []),
    next: () => {
      incarnations += 1;
      return incarnations;
    },
    privatePort: privatePorts(),
  };
};

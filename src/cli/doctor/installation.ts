import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeSuccession, runFiles } from '../../protocol/worker/succession.ts';
import { readJson } from '../../sdk/channel/atomic-file.ts';
import { processStart } from '../../sdk/channel/process-start.ts';
import type { Finding } from './finding.ts';

/** A copy of ThreadForge on the disk. */
export type Installation = {
  readonly root: string;
  readonly version: string;
  /** When the file that runs was last written, in ms since the epoch. */
  readonly writtenAt: number;
};

export type Running = { readonly pid: number; readonly startedAt: number };

/** The newer of two is put in place of the older without a stop. */
const upgrade = 'Run `forge upgrade` with the `forge` of the one that is wanted; no worker ends.';

export const judgeSkew = (
  own: Installation,
  theirs: Installation | undefined,
  { pid, startedAt }: Running,
): Finding => {
  const check = 'version';
  if (theirs === undefined) {
    const found = `which ThreadForge supervisor ${pid} is cannot be seen; this is ${own.version}`;
    return { check, found };
  }
  if (theirs.version !== own.version || theirs.root !== own.root) {
    const found = `supervisor ${pid} is ${theirs.version} of ${theirs.root}, this is ${own.version} of ${own.root}`;
    return { check, found, fix: upgrade };
  }
  if (theirs.writtenAt > startedAt) {
    const found = `supervisor ${pid} runs what was at ${own.root} before it was replaced`;
    return { check, found, fix: upgrade };
  }
  return { check, found: `supervisor ${pid} and this command are both ${own.version}` };
};

export const ownInstallation = (): Installation | undefined =>
  process.argv[1] === undefined ? undefined : installationOf(process.argv[1]);

/** By the file that the next supervisor of the run would be started from. */
export const installationOfRun = (runDir: string): Installation | undefined => {
  const left = decodeSuccession(readJson(runFiles.succession(runDir)));
  const file = left?.command.slice(1).find((word) => !word.startsWith('-') && existsSync(word));
  return file === undefined ? undefined : installationOf(file);
};

const installationOf = (file: string): Installation | undefined => {
  const path = realpathSync(file);
  const root = rootOf(dirname(path));
  if (root === undefined) return undefined;
  return { root, version: versionIn(root) ?? '', writtenAt: statSync(path).mtimeMs };
};

const rootOf = (folder: string): string | undefined => {
  if (versionIn(folder) !== undefined) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : rootOf(parent);
};

const versionIn = (folder: string): string | undefined => {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown };
  return found.name === 'threadforge' ? String(found.version) : undefined;
};

const ticksASecond = 100;

/** By the kernel, which counts from the boot. */
export const startOf = (pid: number): number => {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  const started = Number(processStart(pid) ?? 0) / ticksASecond;
  return Date.now() - (uptime - started) * 1_000;
};

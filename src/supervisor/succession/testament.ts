import { mkdirSync, rmSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spoolDir } from '../../protocol/logs.ts';
import { decodeSuccession, runFiles, type Succession } from '../../protocol/worker/succession.ts';
import { readJson, writeAtomic } from '../../sdk/channel/atomic-file.ts';
import { ownOomScore } from '../../sdk/channel/oom-score.ts';
import { ownEnvironment } from '../process/own-environment.ts';

const entry = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));

type Testament = {
  readonly runDir: string;
  readonly cwd: string;
  readonly logs: string;
  readonly ports: readonly number[];
};

/** Leaves word how to start the next supervisor. */
export const leaveSuccession = ({ runDir, ...rest }: Testament): void => {
  mkdirSync(spoolDir(rest.logs), { recursive: true, mode: 0o700 });
  const oomScore = ownOomScore();
  const succession: Succession = {
    version: 1,
    command: [process.execPath, entry, runDir, String(rest.ports.length)],
    env: ownEnvironment(),
    ...rest,
    descriptors: rest.ports.length,
    starts: earlierStarts(runDir),
    ...(oomScore === undefined ? {} : { oomScore }),
  };
  for (const file of filesOf(runDir)) writeAtomic(file, JSON.stringify(succession));
  rmSync(runFiles.successionLock(runDir), { force: true });
};

/** From now on nobody starts a supervisor when this one is gone. */
export const withdrawSuccession = (runDir: string): void => {
  for (const file of filesOf(runDir)) rmSync(file, { force: true });
};

const filesOf = (runDir: string): readonly string[] => [
  runFiles.succession(runDir),
  runFiles.successionCopy(runDir),
];

/** None for the first supervisor of the run. */
const earlierStarts = (runDir: string): readonly number[] => {
  const [found] = filesOf(runDir).flatMap((file) => decodeSuccession(readJson(file)) ?? []);
  return found?.starts ?? [];
};

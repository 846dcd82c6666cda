import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Figures, Job } from '../../test/fixtures/apps/calls/drive.ts';

export type Contender = AsyncDisposable & {
  readonly name: string;
  readonly drive: (job: Job) => Promise<Figures>;
  /** Absent when caller and callee are threads of one process: all it uses is the caller's. */
  readonly calleePid?: number;
};

const cpuTicksMs = 10;

/** CPU time that a process has used, in ms. */
export const cpuMsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * cpuTicksMs;
};

/** Two processes of one program, `callee ADDRESS` and `caller ADDRESS`. */
export const startPair = async (
  name: string,
  program: string,
  address: (folder: string) => string,
): Promise<Contender> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const start = async (role: string): Promise<ChildProcess> => {
    const path = join(import.meta.dirname, 'peers', program);
    const child = spawn(process.execPath, [path, role, address(folder)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  };
  const callee = await start('callee');
  const caller = await start('caller');
  const lines = createInterface({ input: caller.stdout ?? process.stdin })[Symbol.asyncIterator]();
  return {
    name,
    calleePid: callee.pid ?? 0,
    drive: async (job) => {
      caller.stdin?.write(`${JSON.stringify(job)}\n`);
      return JSON.parse((await lines.next()).value ?? '{}') as Figures;
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of [caller, callee]) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

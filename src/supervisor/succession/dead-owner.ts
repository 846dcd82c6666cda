import { spoken } from '../../protocol/topology.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { readJson } from '../../sdk/channel/atomic-file.ts';
import { isAlive, type ProcessIdentity } from '../../sdk/channel/process-start.ts';
import { readNotes } from './notes.ts';

type DeadOwner = {
  readonly pid: number | undefined;
  /** The worker that started this process for it; absent when somebody else did. */
  readonly heir: string | undefined;
};

/** Whose run goes on; undefined while that one lives, as it does when it hands over. */
export const deadOwner = (runDir: string): DeadOwner | undefined => {
  const owner = readJson(runFiles.owner(runDir)) as ProcessIdentity | undefined;
  if (owner !== undefined && isAlive(owner)) return undefined;
  const heir = readNotes(runDir).find(({ pid }) => pid === process.ppid);
  return { pid: owner?.pid, heir: heir?.workerId };
};

export const takenOver = ({ pid, heir }: DeadOwner, processes: number): string => {
  const dead = pid === undefined ? 'the supervisor' : `supervisor ${pid}`;
  const by = heir === undefined ? '' : `, started by ${spoken(heir)},`;
  return `${dead} died; ${process.pid}${by} has taken over its ${processes} processes`;
};

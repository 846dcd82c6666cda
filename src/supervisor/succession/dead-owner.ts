import { spoken } from '../../protocol/topology.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { readJson } from '../../sdk/channel/atomic-file.ts';
import { decodeIdentity, isAlive } from '../../sdk/channel/process-start.ts';
import { readNotes } from './notes.ts';

type DeadOwner = {
  readonly pid: number | undefined;
  /** The worker that started this process for it; absent when somebody else did. */
  readonly heir: string | undefined;
  /** Workers that are gone as well: nobody saw how they ended. */
  readonly unseen: readonly string[];
};

/** Whose run goes on; undefined while that one lives, as it does when it hands over. */
export const deadOwner = (runDir: string): DeadOwner | undefined => {
  const owner = decodeIdentity(readJson(runFiles.owner(runDir)));
  if (owner !== undefined && isAlive(owner)) return undefined;
  const notes = readNotes(runDir);
  const heir = notes.find(({ pid }) => pid === process.ppid);
  const unseen = notes.filter((note) => !isAlive(note)).map(({ workerId }) => workerId);
  return { pid: owner?.pid, heir: heir?.workerId, unseen };
};

export const takenOver = ({ pid, heir, unseen }: DeadOwner, processes: number): string => {
  const dead = pid === undefined ? 'the supervisor' : `supervisor ${pid}`;
  const by = heir === undefined ? '' : `, started by ${spoken(heir)},`;
  const lost =
    unseen.length === 0
      ? ''
      : `; ${unseen.map(spoken).join(', ')} ended while there was no supervisor`;
  return `${dead} died; ${process.pid}${by} has taken over its ${processes} processes${lost}`;
};

import { rmSync } from 'node:fs';
import type { ServiceConfig } from '../../protocol/topology.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { isIngress } from '../crew/crew.ts';
import { endLeftovers } from '../process/leftovers.ts';
import { startLevels } from '../topology/dependencies.ts';
import { claimRunDir } from './claim.ts';
import { readNotes } from './notes.ts';
import { dropRunState, loadRunState } from './run-state.ts';
import { withdrawSuccession } from './testament.ts';

/**
 * Stops a run that no supervisor looks after, as the supervisor would: none is started any more, and
 * its processes drain, those first that call others. What is left after the time is killed. Fails
 * while a supervisor holds the run.
 */
export const stopOrphans = async (runDir: string, withinMs: number): Promise<void> => {
  const state = loadRunState(runDir);
  using _claim = await claimRunDir(runDir, { app: state?.config.app ?? 'the app' });
  withdrawSuccession(runDir);
  const until = performance.now() + withinMs;
  for (const notes of inOrder(readNotes(runDir), state?.config.services ?? [])) {
    await endLeftovers(runDir, notes, until - performance.now());
  }
  dropRunState(runDir);
  for (const socket of [runFiles.channel(runDir), runFiles.control(runDir)]) {
    rmSync(socket, { force: true });
  }
};

const inOrder = (
  notes: readonly Note[],
  services: readonly ServiceConfig[],
): readonly (readonly Note[])[] => {
  const workers = notes.filter((note) => !isIngress(note));
  const placements = [...new Map(workers.map((note) => [note.group, note])).values()];
  const levels = startLevels(placements, services).toReversed();
  return [
    notes.filter(isIngress),
    ...levels.map((groups) => workers.filter(({ group }) => groups.includes(group))),
  ];
};

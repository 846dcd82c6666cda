import { rmSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { Note } from '../../protocol/worker/process-note.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { markOf } from '../../sdk/channel/marks.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';
import { containmentOf } from './containment.ts';
import { signalGroup } from './signal.ts';

const graceMs = 2_000;
const lookEveryMs = 20;

/**
 * Ends what a killed supervisor left running and nobody adopts, and what ended processes of its
 * left: its ingress would still hold the port. A pid that belongs to someone else by now has another start time and is left alone.
 */
export const endLeftovers = async (
  runDir: string,
  notes: readonly Note[],
  withinMs = graceMs,
): Promise<void> => {
  await Promise.all(
    notes.map(async (note) => {
      await end(note, withinMs);
      const { rpcPath, httpPath, incarnation } = note;
      const own = rpcPath === '' ? [] : [rpcPath, httpPath, runFiles.count(rpcPath)];
      for (const file of [...own, runFiles.note(runDir, incarnation)])
        rmSync(file, { force: true });
    }),
  );
};

const end = async (note: Note, withinMs: number): Promise<void> => {
  const deadline = performance.now() + withinMs;
  if (isAlive(note)) signalGroup(note.pid, 'SIGTERM');
  // A process that is not our child announces its end to nobody: it has to be looked at.
  while (isAlive(note) && performance.now() < deadline) await after(lookEveryMs);
  if (isAlive(note)) signalGroup(note.pid, 'SIGKILL');
  while (isAlive(note)) await after(lookEveryMs);
  await containmentOf(markOf(note)).end();
};

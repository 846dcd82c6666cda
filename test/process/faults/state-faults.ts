import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { limitFileSize } from '../../helpers/file-limit.ts';
import { ask, type Fault, free, tells, timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';
import { afterSupervisor, death } from './supervisor-faults.ts';

/** What a crash, a disk or a person may leave in place of a file of ours. */
const damages: readonly ((whole: Buffer) => string | Buffer)[] = [
  () => '',
  (whole) => whole.subarray(0, whole.length / 2),
  () => '{ "version": 1 }',
  () => '{ "version": 99 }',
  () => Buffer.alloc(10_000, 7),
];

/** Another supervisor goes on, whatever these files have become. */
const damaged = (id: string, fault: string, filesOf: (app: FaultApp) => readonly string[]): Fault =>
  death(id, `supervisor SIGKILL with damaged ${fault}`, async (app) => {
    for (const damage of damages) {
      for (const file of filesOf(app)) writeFileSync(file, damage(readFileSync(file)));
      await afterSupervisor(app, () => undefined);
    }
  });

const runFilesOf = ({ runDir }: FaultApp): readonly string[] =>
  [runFiles.state, runFiles.succession, runFiles.owner].map((file) => file(runDir));

const databases = ({ directory }: FaultApp): readonly string[] =>
  ['state.db', 'history.db'].map((name) => join(directory, '.forge', name));

/** Of the worker that was started last: no other has a higher number. */
const lastNoteOf = (app: FaultApp, service: string): string => {
  const notes = readdirSync(app.runDir)
    .filter((name) => name.endsWith('.process.json'))
    .toSorted((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10))
    .map((name) => join(app.runDir, name));
  const found = notes.findLast((file) =>
    readFileSync(file, 'utf8').includes(`"services":["${service}"]`),
  );
  if (found === undefined) throw new Error(`no worker of ${service} is noted`);
  return found;
};

/** What can happen to the files that a supervisor keeps. */
export const stateFaults: readonly Fault[] = [
  damaged('B7b', 'run.json, succession.json and supervisor.json', runFilesOf),
  damaged('B7c', 'journal and history', databases),
  death('B7d', 'supervisor SIGKILL with a damaged note of a worker', async (app) => {
    await app.apply({ kind: 'restart', service: 'target' });
    const { supervisor } = await app.status();
    writeFileSync(lastNoteOf(app, 'target'), '{ "pid":');
    process.kill(supervisor.pid, 'SIGKILL');
    await app.whole();
  }),
  free('B6', 'supervisor on a full disk, which scales meanwhile', async (app) => {
    const { supervisor } = await app.status();
    const startedAt = new Date();
    const isTold = (text: string): Promise<true> =>
      app.until(text, async () =>
        (await app.toldSince(startedAt)).includes(text) ? true : undefined,
      );
    await tells(app, /^the journal of actions is not kept: /, async () => {
      limitFileSize(supervisor.pid, 1_000);
      await app.apply({ kind: 'scale', service: 'target', workers: 3 });
      await ask(app, 200);
    });
    limitFileSize(supervisor.pid, 'unlimited');
    await timed(app, 'kept again after', () => isTold('the journal of actions is kept again'));
    await app.apply({ kind: 'scale', service: 'target', workers: 2 });
    await app.whole();
  }),
];

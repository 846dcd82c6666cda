import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { failSyncs } from '../../helpers/failing-sync.ts';
import { limitFileSize } from '../../helpers/file-limit.ts';
import { peakMb } from '../../helpers/process-usage.ts';
import { ask, type Fault, free, tells, timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';
import { afterSupervisor, death } from './supervisor-faults.ts';

const overwrite =
  (content: (whole: Buffer) => string | Buffer) =>
  (file: string): void =>
    writeFileSync(file, content(readFileSync(file)));

const hugeMb = 100;

/** What a crash, a disk or a person may leave in place of a file of ours. */
const damages: readonly ((file: string) => void)[] = [
  overwrite(() => ''),
  overwrite((whole) => whole.subarray(0, -100)),
  overwrite(() => '{ "version": 1 }'),
  overwrite(() => '{ "version": 99 }'),
  (file) => {
    writeFileSync(file, Buffer.alloc(10_000, 7));
    truncateSync(file, hugeMb * 1024 * 1024);
  },
];

type Damaged = { readonly file: string; readonly told: RegExp };

/** Another supervisor goes on, whatever these files have become, says so, and keeps what they were. */
const damaged = (
  id: string,
  fault: string,
  filesOf: (app: FaultApp) => readonly Damaged[],
): Fault =>
  death(id, `supervisor SIGKILL with damaged ${fault}`, async (app) => {
    const usualMb = peakMb((await app.status()).supervisor.pid);
    for (const damage of damages) {
      const startedAt = new Date();
      const all = filesOf(app);
      for (const { file } of all) damage(file);
      await afterSupervisor(app, () => undefined);
      const told = await app.toldSince(startedAt);
      for (const one of all) isSetAside(one, told);
    }
    const mb = peakMb((await app.status()).supervisor.pid);
    app.note('memory of the supervisor at most, MB', mb);
    if (mb > usualMb + hugeMb / 2) throw new Error(`it took ${mb} MB, and ${usualMb} before`);
  });

const isSetAside = ({ file, told: what }: Damaged, told: readonly string[]): void => {
  const text = told.find((one) => what.test(one));
  if (text === undefined) throw new Error(`nothing like ${what} was told: ${told.join('; ')}`);
  const aside = /see (\S+)$/.exec(text)?.[1] ?? '';
  if (!readdirSync(dirname(file)).includes(aside)) throw new Error(`it is not there: ${text}`);
};

const runFilesOf = ({ runDir }: FaultApp): readonly Damaged[] =>
  [runFiles.state, runFiles.succession, runFiles.owner]
    .map((file) => file(runDir))
    .map((file) => ({ file, told: new RegExp(`^${basename(file)} cannot be read: `) }));

const databases = ({ directory }: FaultApp): readonly Damaged[] => [
  { file: join(directory, '.forge', 'state.db'), told: /^the journal of actions cannot be read / },
  { file: join(directory, '.forge', 'history.db'), told: /^the history cannot be read / },
];

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

/** It scales all the same meanwhile, says that nobody will know of it, and that it is over. */
const notKept = async (
  app: FaultApp,
  harm: (supervisor: number) => AsyncDisposable | Promise<AsyncDisposable>,
): Promise<void> => {
  const startedAt = new Date();
  const isTold = (text: string): Promise<true> =>
    app.until(text, async () =>
      (await app.toldSince(startedAt)).includes(text) ? true : undefined,
    );
  const harmed = await harm((await app.status()).supervisor.pid);
  await tells(app, /^the journal of actions is not kept: /, async () => {
    await app.apply({ kind: 'scale', service: 'target', workers: 3 });
    await ask(app, 200);
  }).finally(() => harmed[Symbol.asyncDispose]());
  await timed(app, 'kept again after', () => isTold('the journal of actions is kept again'));
  await app.apply({ kind: 'scale', service: 'target', workers: 2 });
  await app.whole();
};

const fullDisk = (supervisor: number): AsyncDisposable => {
  limitFileSize(supervisor, 1_000);
  return { [Symbol.asyncDispose]: async () => limitFileSize(supervisor, 'unlimited') };
};

/** What can happen to the files that a supervisor keeps. */
export const stateFaults: readonly Fault[] = [
  damaged('B7b', 'run.json, succession.json and supervisor.json', runFilesOf),
  damaged('B7c', 'journal and history', databases),
  death('B7d', 'supervisor SIGKILL with a damaged note of a worker', async (app) => {
    await app.apply({ kind: 'restart', service: 'target' });
    const { supervisor } = await app.status();
    await tells(
      app,
      /^w\d+\.process\.json cannot be read: its worker is replaced, see /,
      async () => {
        writeFileSync(lastNoteOf(app, 'target'), '{ "pid":');
        process.kill(supervisor.pid, 'SIGKILL');
        await app.whole();
      },
    );
  }),
  free('B6', 'supervisor on a full disk, which scales meanwhile', (app) => notKept(app, fullDisk)),
  free('B7f', 'supervisor on a disk that fails to keep anything, which scales meanwhile', (app) =>
    notKept(app, failSyncs),
  ),
];

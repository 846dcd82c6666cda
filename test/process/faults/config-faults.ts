import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, free } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

const entry = './services/looper.mjs';

/** What somebody may make of a config, by hand and in a hurry. */
const mistakes: readonly ((good: string) => string)[] = [
  (good) => good.replace('services: {', 'services: {{'),
  (good) => good.replace('workers:', 'worker:'),
  (good) => good.replace("entry: './services/target.mjs'", "entry: './services/nowhere.mjs'"),
  (good) =>
    good.replace(
      'looper: {',
      `one: { entry: '${entry}', port: 4999 }, two: { entry: '${entry}', port: 4999 }, looper: {`,
    ),
  (good) =>
    good.replace(
      'looper: {',
      `one: { entry: '${entry}', dependsOn: ['two'] }, two: { entry: '${entry}', dependsOn: ['one'] }, looper: {`,
    ),
];

const reloadRefused = async (app: FaultApp): Promise<void> => {
  const { code, stderr } = await app.forge('reload');
  if (code !== 2) throw new Error(`the reload ended with ${code}: ${stderr}`);
  if (!stderr.includes('forge.config.mjs')) throw new Error(`no file is named: ${stderr}`);
};

/** What can be wrong with the config that a running app is to take up. */
export const configFaults: readonly Fault[] = [
  free('B13', 'reload of a config that is wrong, in five ways', async (app) => {
    const file = join(app.directory, 'forge.config.mjs');
    const good = readFileSync(file, 'utf8');
    const before = app.processes();
    const workers = await app.pidsOfAll();
    for (const mistake of mistakes) {
      writeFileSync(file, mistake(good));
      await reloadRefused(app).finally(() => writeFileSync(file, good));
    }
    await app.whole();
    if (!app.processes().every((pid) => before.includes(pid))) throw new Error('one was started');
    // What drained before this may have ended meanwhile.
    if ((await app.pidsOfAll()).join() !== workers.join()) throw new Error('a worker was ended');
  }),
];

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, free, timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';

/** Puts another build on disk, and the old one back. */
const withBuild = async (
  app: FaultApp,
  change: (code: string) => string,
  use: () => Promise<void>,
): Promise<void> => {
  const file = join(app.directory, 'services/target.mjs');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, change(good));
  try {
    await use();
  } finally {
    writeFileSync(file, good);
  }
};

const refusedReload = async (app: FaultApp, reason: string): Promise<void> => {
  const before = await app.pidsOf('target');
  const { code, stderr } = await timed(app, 'refused after', () => app.forge('reload', 'target'));
  if (code !== 3) throw new Error(`the reload ended with ${code}: ${stderr}`);
  if (!stderr.includes(reason)) throw new Error(`the reason is not told: ${stderr}`);
  const after = await app.pidsOf('target');
  if (after.join() !== before.join()) throw new Error('the old workers did not stay');
};

/** A build that does not come up, and what is told of it. */
const bad = (
  id: string,
  fault: string,
  { change, reason }: { readonly change: (code: string) => string; readonly reason: string },
): Fault => free(id, fault, (app) => withBuild(app, change, () => refusedReload(app, reason)));

const atStart = 'this.draining = draining;';

/** What can be wrong with a build that is to take the place of another. */
export const buildFaults: readonly Fault[] = [
  bad('A11', 'new build never becomes ready', {
    change: (code) => code.replace('health() {', 'health() { return { status: "down" };'),
    reason: 'not ready within 10 s: target: it says that it is down',
  }),
  bad('A11b', 'new build throws as it is loaded', {
    change: (code) => `throw new Error('bad build');\n${code}`,
    reason: 'Error: bad build',
  }),
  bad('A11d', 'new build exits at once', {
    change: (code) => `process.exit(4);\n${code}`,
    reason: 'exit code 4',
  }),
  bad('A11e', 'new build listens, and then fails to start', {
    change: (code) => code.replace(atStart, `${atStart} throw new Error('no database');`),
    reason: 'no database',
  }),
  free('A11c', 'new build starts slowly', (app) =>
    withBuild(
      app,
      (code) =>
        code
          .replace('onStart({', 'async onStart({')
          .replace(
            atStart,
            `${atStart} await new Promise((resolve) => setTimeout(resolve, 1500));`,
          ),
      async () => {
        await app.apply({ kind: 'reload', service: 'target' });
        await app.whole();
      },
    ),
  ),
];

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAlive, processStart } from '../../src/sdk/channel/process-start.ts';
import { startNext } from '../../src/supervisor/succession/hand-over.ts';
import { writeApp } from '../helpers/written-app.ts';

/** What a supervisor of an earlier version says; to be stopped it waits until it has the run. */
const earlier = `
import { writeFileSync } from 'node:fs';
process.on('SIGTERM', () => undefined);
writeFileSync('pid', String(process.pid));
process.stdout.write('standing by ' + process.pid + '\\n');
setInterval(() => undefined, 1_000);
`;

test('a version that knows ports by their position only is refused when a reload has opened one', async () => {
  using app = writeApp({ 'earlier.mjs': earlier });
  const runDir = app.file('run');
  mkdirSync(runDir);
  const logFile = app.file('log');
  const plan = { entry: app.file('earlier.mjs'), runDir, cwd: app.directory, logFile };
  await expect(startNext({ ...plan, descriptors: [], mustKnowPorts: true })).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'That version cannot go on with ports that a reload has opened or closed',
  });
  expect(readdirSync(runDir)).toEqual([]);
  const refused = Number(readFileSync(app.file('pid'), 'utf8'));
  while (processStart(refused) !== undefined) await after(10);

  const pid = await startNext({ ...plan, descriptors: [], mustKnowPorts: false });
  const started = processStart(pid) ?? '';
  expect(isAlive({ pid, started })).toBe(true);
  process.kill(pid, 'SIGKILL');
});

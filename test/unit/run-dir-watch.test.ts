import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { RunDirWatch } from '../../src/supervisor/care/run-dir-watch.ts';

test('that the run directory was moved away with the folder of its app is said once, and that it is back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forge-'));
  const [here, there] = [join(folder, 'shop'), join(folder, 'shop.old')];
  const runDir = join(here, 'run');
  mkdirSync(runDir, { recursive: true });
  const events: TimelineEvent[] = [];
  using watch = new RunDirWatch(runDir, (event) => events.push(event));
  watch.look();
  renameSync(here, there);
  watch.look();
  watch.look();
  expect(watch.problem).toBe(events[0]?.text);
  renameSync(there, here);
  watch.look();
  expect(watch.problem).toBeUndefined();
  rmSync(folder, { recursive: true });

  expect(events.map(({ severity, text }) => [severity, text])).toEqual([
    [
      'critical',
      expect.stringContaining(`${runDir} is gone, and requests do not find workers: move`),
    ],
    ['ok', `${runDir} is there again`],
  ]);
});

import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { pidsOf, statusOf } from '../helpers/status.ts';
import { KeptConnections } from './kept-connections.ts';

test('connections that were open before a scale-up reach the new workers, and stay open', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const before = pidsOf(await statusOf(app));
  await using connections = new KeptConnections(`${app.http}/hello/1`, 8);

  expect((await app.forge('scale', 'hello', '4')).code).toBe(0);
  const added = pidsOf(await statusOf(app)).filter((pid) => !before.includes(pid));
  expect(added).toHaveLength(2);
  for (const pid of added) await connections.reach(pid);

  expect(connections.opened).toBe(8);
});

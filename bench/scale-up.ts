/** How soon connections that were open before a scale-up reach the new worker. */
import { startCopy } from '../test/helpers/app-copy.ts';
import { pidsOf, statusOf } from '../test/helpers/status.ts';
import { KeptConnections } from '../test/process/kept-connections.ts';
import { median } from './figures.ts';

const times = 10;

await using app = await startCopy('test/fixtures/apps/hello');
await using connections = new KeptConnections(`${app.http}/hello/1`, 8);
const tookMs: number[] = [];
for (let time = 0; time < times; time += 1) {
  const before = pidsOf(await statusOf(app));
  const startedAt = performance.now();
  await app.forge('scale', 'hello', '3');
  const [added = 0] = pidsOf(await statusOf(app)).filter((pid) => !before.includes(pid));
  await connections.reach(added);
  tookMs.push(performance.now() - startedAt);
  await app.forge('scale', 'hello', '2');
}
process.stdout.write(
  [
    `${times} scale-ups under 8 kept connections, ${connections.opened} opened in all`,
    `  from the command to the first answer of the new worker on one of them:`,
    `  median ${Math.round(median(tookMs))} ms, at most ${Math.round(Math.max(...tookMs))} ms`,
    '',
  ].join('\n'),
);

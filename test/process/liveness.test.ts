import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { eventsOf, statusWhen } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hello';

const namesIn = ({ services }: Status): readonly number[] =>
  services
    .filter(({ name }) => name === 'names')
    .flatMap(({ workers }) => workers.filter(({ status }) => status === 'ready'))
    .map(({ pid }) => pid);

const without = (pid: number) => (status: Status) =>
  namesIn(status).length === 2 && !namesIn(status).includes(pid);

/** Its watchdog is started when the worker has come to rest. */
const isWatched = ({ at, services }: Status): boolean =>
  services
    .flatMap(({ workers }) => workers)
    .every(({ startedAt }) => Date.parse(at) - Date.parse(startedAt) > 2_000);

test('a worker whose event loop is blocked is avoided, named with its stack, and replaced', async () => {
  await using app = await startCopy(source);
  const before = namesIn(await statusWhen(app, isWatched));
  const asking = keepAsking(`${app.http}/hello`);

  const stuck = fetch(`${app.http}/block`, { method: 'POST' }).then(({ status }) => status);
  const after = await statusWhen(
    app,
    (status) => namesIn(status).length === 2 && namesIn(status).join() !== before.join(),
  );

  expect(await stuck).toBe(503);
  expect(namesIn(after).filter((pid) => before.includes(pid))).toHaveLength(1);
  const texts = (await eventsOf(app)).map(({ text }) => text);
  expect(texts.find((text) => text.includes('does not answer'))).toMatch(
    /names#\d does not answer for \d\.\d s: blockForever \(.*names\.mjs:\d+\) < block/,
  );
  expect(texts.some((text) => text.includes('is replaced'))).toBe(true);
  expect((await app.forge('logs', 'names', '--level', 'warn')).stdout).toMatch(
    /the event loop is blocked for \d\.\d s by blockForever \(.*names\.mjs:\d+\)/,
  );
  expect((await asking.stop()).failures).toEqual([]);
});

test('a worker that rests and is stopped from outside is replaced like a blocked one', async () => {
  await using app = await startCopy(source);
  const [victim = 0] = namesIn(await statusWhen(app, isWatched));

  process.kill(victim, 'SIGSTOP');
  const after = await statusWhen(app, without(victim));

  expect(namesIn(after)).toHaveLength(2);
});

test('a worker that rests is seen to work as soon as it is asked', async () => {
  await using app = await startCopy(source);
  await statusWhen(app, isWatched);

  expect((await fetch(`${app.http}/hello/7`)).status).toBe(200);
  const seen = await statusWhen(app, ({ services }) =>
    services.every(({ requestsPerSecond }) => requestsPerSecond > 0),
  );

  expect(seen.services.map(({ name }) => name)).toEqual(['hello', 'names']);
});

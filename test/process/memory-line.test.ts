import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { eventsOf, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hungry';

const eat = async (http: string, megabytes: number): Promise<number> => {
  const response = await fetch(`${http}/eat/${megabytes}`, { method: 'POST' });
  return response.status;
};

/** One worker, which is ready, and is not this one. */
const isOther = (pid: number) => (status: Status) =>
  status.services.every(({ status: state }) => state === 'ready') &&
  pidsOf(status).length === 1 &&
  !pidsOf(status).includes(pid);

test('a worker that comes near to its memory limit is replaced, and no request fails', async () => {
  await using app = await startCopy(source);
  const [pid = 0] = pidsOf(await statusOf(app));
  // It has been seen below the line.
  await statusWhen(app, ({ services }) => (services[0]?.memoryBytes ?? 0) > 0);
  const asking = keepAsking(`${app.http}/who`);

  expect(await eat(app.http, 440)).toBe(201);
  const after = await statusWhen(app, isOther(pid));

  expect((await asking.stop()).failures).toEqual([]);
  expect(after.services[0]?.workers[0]?.restarts).toBe(0);
  const texts = (await eventsOf(app)).map(({ text }) => text);
  expect(texts.find((text) => text.includes('is replaced'))).toMatch(
    /^eater#1 is replaced, since memory of (43[2-9]|4[4-9]\d) MB is over 90 % of its limit of 480 MB$/,
  );
});

test('a worker that passes its memory limit is killed, says why, and is started again', async () => {
  await using app = await startCopy(source);
  const [pid = 0] = pidsOf(await statusOf(app));

  expect(await eat(app.http, 520)).toBe(201);
  const after = await statusWhen(app, isOther(pid));

  expect(after.services[0]?.workers[0]?.restarts).toBe(1);
  const texts = (await eventsOf(app)).map(({ text }) => text);
  expect(texts.find((text) => text.includes('ended'))).toMatch(
    /^eater#1 ended \(memory of \d+ MB is over its limit of 480 MB\); it is started again$/,
  );
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { startApp } from '../helpers/forge.ts';
import { actionsOf, nextSupervisor, statusOf } from '../helpers/status.ts';

let app: CopiedApp;

beforeAll(async () => {
  app = await startCopy('test/fixtures/apps/naps');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const answerOf = async (http: string, path: string) => {
  const response = await fetch(`${http}${path}`);
  const { error } = (await response.json()) as { error?: { code: string } };
  return [response.status, response.headers.get('retry-after'), error?.code];
};
const ofBed = async () => {
  const { services } = await statusOf(app);
  const found = services.find(({ name }) => name === 'bed');
  return { status: found?.status, reason: found?.reason, workers: found?.workers.length };
};
const bedIsStopped = { status: 'stopped', reason: 'by an operator', workers: 0 };
const refusal = [503, '30', 'SERVICE_STOPPED'];

describe('a service that is stopped', () => {
  test('finishes what it has, and those that share its workers lose no request', async () => {
    const asking = keepAsking(`${app.http}/time`);
    const nap = fetch(`${app.http}/nap/700`);
    // It is taken up before the stop can be asked for.
    await fetch(`${app.http}/nap/0`);
    const { stdout, code } = await app.forge('stop', 'bed');
    expect([code, stdout]).toEqual([0, expect.stringContaining('stop bed')]);
    expect(await (await nap).json()).toEqual({ rested: 700 });
    expect((await asking.stop()).failures).toEqual([]);
    expect(await ofBed()).toEqual(bedIsStopped);
    expect((await statusOf(app)).services.find(({ name }) => name === 'clock')).toMatchObject({
      status: 'ready',
      colocatedWith: [],
    });
  });

  test('is answered for at once, on its routes and in the calls of others', async () => {
    expect(await answerOf(app.http, '/bed')).toEqual(refusal);
    expect(await answerOf(app.http, '/nap/0')).toEqual(refusal);
    const called = await app.forge('call', 'bed.rest', '1');
    expect([called.code, called.stderr]).toEqual([3, expect.stringContaining('forge start bed')]);
    expect((await app.forge('scale', 'bed', '2')).code).toBe(3);
  });

  test('is no more to the advisor, and a difference from the config that adopt leaves', async () => {
    const { stdout } = await app.forge('config', 'diff');
    expect(stdout).toBe('bed.state  running → stopped\n');
    const adopted = await app.forge('config', 'adopt');
    expect([adopted.code, adopted.stderr]).toEqual([
      0,
      'not in the file, and stays so: bed.state  running → stopped\n',
    ]);
    expect(await ofBed()).toEqual(bedIsStopped);
    expect((await app.forge('wait')).code).toBe(0);
    // There is a folder of this name where the command runs, which is no server.
    expect((await app.forge('start', 'docs')).stderr).toContain('There is no service docs');
  });

  test('stays stopped under the next supervisor, and in the next run of the app', async () => {
    const { supervisor } = await statusOf(app);
    process.kill(supervisor.pid, 'SIGKILL');
    await nextSupervisor(app, supervisor.pid);
    expect(await ofBed()).toEqual(bedIsStopped);
    expect(await answerOf(app.http, '/bed')).toEqual(refusal);

    await app.forge('stop');
    await using again = await startApp(app.directory);
    expect(again.ready).toMatch(/^ready naps 2 services \S+ stopped: bed$/);
    expect(await answerOf(again.http, '/bed')).toEqual(refusal);
    expect(await answerOf(again.http, '/nap/0')).toEqual(refusal);
    expect(await answerOf(again.http, '/time/0')).toEqual([200, null, undefined]);

    const asking = keepAsking(`${again.http}/time`);
    expect((await again.forge('start', 'bed')).code).toBe(0);
    expect((await asking.stop()).failures).toEqual([]);
    expect(await answerOf(again.http, '/nap/0')).toEqual([200, null, undefined]);
    const { services } = await statusOf(again);
    expect(services.find(({ name }) => name === 'bed')).toMatchObject({
      status: 'ready',
      group: 'house',
      colocatedWith: ['clock'],
    });
    expect((await again.forge('config', 'diff')).stdout).toBe(
      'what runs is what the config says\n',
    );

    const done = (await actionsOf(again)).filter(({ status }) => status === 'done');
    const [started, stopped] = done.filter(({ service }) => service === 'bed');
    expect([started?.kind, stopped?.kind, stopped?.undo]).toEqual([
      'start',
      'stop',
      `forge undo ${stopped?.id}`,
    ]);
    expect((await again.forge('undo')).code).toBe(0);
    expect(await answerOf(again.http, '/bed')).toEqual(refusal);
    expect((await again.forge('undo', stopped?.id ?? '')).code).toBe(0);
    expect(await answerOf(again.http, '/bed')).toEqual([200, null, undefined]);
  });
});

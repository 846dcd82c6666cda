import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { clockOrigin, clockVariable } from '../../src/sdk/channel/clock.ts';
import { ownEnvironment } from '../../src/supervisor/process/own-environment.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { forge, startApp } from '../helpers/forge.ts';
import { answerElsewhere, callerOf } from '../helpers/rpc.ts';
import { statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const hourMs = 60 * 60 * 1_000;

/** As for a process that is started after the clock of the machine was set. */
const setBy = (ms: number): readonly string[] => {
  const origin = `Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + ${ms} })`;
  const clock = `const before = Date.now; Date.now = () => before() + ${ms}`;
  return ['--import', `data:text/javascript,${encodeURIComponent(`${origin};${clock}`)}`];
};

test.for([hourMs, -hourMs])(
  'a worker that starts after the clock was set by %i ms answers [E10]',
  async (ms) => {
    const env = { ...process.env, [clockVariable]: ownEnvironment()[clockVariable] };
    await using callee = await answerElsewhere({ args: setBy(ms), env });
    using caller = callerOf([callee]);
    expect(await caller.call('pid', { deadlineMs: 5_000 })).toEqual(expect.any(Number));
  },
);

test('the processes of a run are told one clock, which does not change', () => {
  const told = ownEnvironment()[clockVariable];
  expect(Number(told)).toBeGreaterThan(Date.now() - 10 * 365 * 24 * hourMs);
  expect(ownEnvironment()[clockVariable]).toBe(told);
  expect(clockOrigin()).toBeCloseTo(Number(told), -3);
});

test.for([hourMs, -hourMs])(
  'a command after the clock was set by %i ms is answered [E10]',
  async (ms) => {
    using files = writeApp({
      'clock.mjs': `import { Service } from 'threadforge';
      export default class Clock extends Service {
        static contract = { expose: ['tick'], on: { ticked: 'tick' } };
        tick() { return 'tock'; }
      }`,
      'forge.config.mjs': "export default { services: { clock: { entry: './clock.mjs' } } };",
    });
    await using app = await startApp(files.directory);
    const env = { ...app.env, NODE_OPTIONS: setBy(ms).join('=') };
    const run = (...args: readonly string[]) => forge([...args, '--app', files.directory], { env });
    expect((await run('call', 'clock.tick', '--timeout', '5s')).stdout).toBe('"tock"\n');
    expect((await run('emit', 'ticked')).stdout).toContain('handled');
  },
);

test('an app that is started again after the clock was set goes on by the clock of its workers', async () => {
  await using app = await startCopy('test/fixtures/apps/hello', { SUCCESSOR: 'none' });
  const namesIn = ({ services }: Status): readonly number[] =>
    services.flatMap(({ name, workers }) =>
      name === 'names' ? workers.map(({ pid }) => pid) : [],
    );
  process.kill(app.pid, 'SIGKILL');
  await app.exited;
  const env = { ...app.env, NODE_OPTIONS: setBy(hourMs).join('=') };
  expect((await forge(['start', '--daemon', '--app', app.directory], { env })).code).toBe(0);

  const adopted = namesIn(await statusOf(app));
  expect((await app.forge('reload', 'names')).code).toBe(0);
  const fresh = namesIn(await statusOf(app)).filter((pid) => !adopted.includes(pid));
  expect(fresh).toHaveLength(2);
  const answered = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${app.http}/hello/1`).then(({ status }) => status)),
  );
  expect(answered).toEqual(Array(20).fill(200));
});

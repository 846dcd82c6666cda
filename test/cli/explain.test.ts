import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { describeAllocation } from '../../src/cli/describe-allocation.ts';
import { allocationSchema } from '../../src/protocol/schema.ts';
import { megabytes } from '../../src/protocol/units.ts';
import { readBudget } from '../../src/supervisor/host/budget.ts';
import { allocate } from '../../src/supervisor/topology/allocate.ts';
import { demandOf } from '../../src/supervisor/topology/demand.ts';
import { explainAllocation } from '../../src/supervisor/topology/explain-allocation.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { eventsOf, statusWhen } from '../helpers/status.ts';

test('explain allocation says what each group gets of this machine, and that is what runs', async () => {
  await using app = await startCopy('test/fixtures/apps/automatic');
  await statusWhen(app, ({ services }) => services.every(({ memoryBytes }) => memoryBytes > 0));
  const { stdout, code } = await app.forge('explain', 'allocation', '--json');
  const report = v.parse(allocationSchema, JSON.parse(stdout));
  expect(code).toBe(0);
  expect(report.budget).toEqual(readBudget());
  expect(report.groups.map(({ services }) => services)).toEqual([['api'], ['jobs'], ['mailer']]);
  expect(report.groups.map(({ running }) => running)).toEqual(
    report.groups.map(({ workers }) => workers),
  );
  expect(report.groups.map(({ memoryFrom }) => memoryFrom)).toEqual([
    'measured',
    'limit',
    'measured',
  ]);

  const lines = (await app.forge('explain', 'allocation')).stdout.split('\n');
  expect(lines[0]).toMatch(/^\d+ of [\d.]+ cores? for workers/);
  expect(lines[1]).toMatch(/^api {5,}\d+ {2}auto: /);
  expect(lines[3]).toMatch(/^mailer {3,}1 {2}the config starts it with 1 worker$/);
});

test('a limit that not even the least fits into is told at the start, and in the timeline', async () => {
  await using app = await startCopy('test/fixtures/apps/automatic', { LIMIT: '9000GB' });
  const texts = (await eventsOf(app)).map(({ text }) => text);
  expect(texts).toContainEqual(
    expect.stringMatching(/^3 workers at least, which may take 9000.1 GB of \S+ GB \(.* binds\);/),
  );
});

test('explain of something else says what there is', async () => {
  await using app = await startCopy('test/fixtures/apps/automatic');
  const { code, stderr } = await app.forge('explain', 'weather');
  expect(code).toBe(2);
  expect(stderr).toContain('There is no service weather');
  expect(stderr).toContain('api, jobs, mailer');
  const gone = await app.forge('explain', 'r-f11f');
  expect(gone.code).toBe(2);
  expect(gone.stderr).toContain(
    'There is no open recommendation r-f11f: it was accepted, put away,',
  );
  expect(gone.stderr).toContain('What came of it `forge events` and `forge actions` tell');
});

test('what became of an action is explained, also when the app no longer runs', async () => {
  const app = await startCopy('test/fixtures/apps/automatic');
  await using _stopped = { [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
  const scaled = JSON.parse((await app.forge('scale', 'api', '2', '--json')).stdout);
  const running = await app.forge('explain', scaled.id);
  expect(running.stdout).toContain(`scale api  done  ${scaled.id}  by `);
  expect(running.stdout).toContain('\n  verdict  none yet: its effect is being measured');

  await app.forge('stop');
  const stopped = await app.forge('explain', scaled.id, '--json');
  expect(stopped.code).toBe(0);
  expect(JSON.parse(stopped.stdout).action).toMatchObject({ id: scaled.id, status: 'done' });
  const unknown = await app.forge('explain', 'a-none');
  expect(unknown.code).toBe(4);
});

describe('in a terminal', () => {
  const auto = { min: 1, max: 8, initial: 'auto' } as const;
  const demands = [
    demandOf('api', [{ name: 'api', workers: auto, weight: 2 }]),
    demandOf('jobs', [{ name: 'jobs', workers: auto, memoryLimit: megabytes(512) }]),
  ];
  const moment = (api: number) => ({
    app: 'shop',
    at: '',
    placements: [
      { group: 'api', services: ['api'], workers: api },
      { group: 'jobs', services: ['jobs'], workers: 1 },
    ],
  });

  test('a budget is shown with what limits it, and what runs where it differs', () => {
    const allocated = allocate(demands, {
      cores: 5.5,
      coresBound: 'quota',
      memoryBytes: megabytes(1_200),
      memoryBound: 'cgroup',
    });
    expect(describeAllocation(explainAllocation(allocated, moment(1)))).toEqual([
      '4 of 5.5 cores for workers, 1 for supervisor and ingress; 1.2 GB of memory (limited by quota and cgroup)',
      'api     3  auto: 3 of 4 cores, by its weight of 2 among 3; 1 run now',
      'jobs    1  auto: no core is free for more than its least',
    ]);
  });

  test('a warning comes last', () => {
    const allocated = allocate(demands, { cores: 1 });
    expect(describeAllocation(explainAllocation(allocated, moment(1)))).toEqual([
      '1 of 1 core for workers',
      'api     1  auto: no core is free for more than its least',
      'jobs    1  auto: no core is free for more than its least',
      "! cores: 2 workers at least for 1 core (the machine binds); every 'auto' stays at its least",
    ]);
  });
});

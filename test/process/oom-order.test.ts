import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { childrenOf } from '../../src/supervisor/command/process-tree.ts';
import { bundle } from '../../src/supervisor/process/bundle.ts';
import { processesIn, startApp } from '../helpers/forge.ts';
import { nextSupervisor, statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const scoreOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
const own = scoreOf(process.pid);

const app = () =>
  writeApp({
    'forge.config.mjs': `
      import { readFileSync, writeFileSync } from 'node:fs';
      writeFileSync(new URL('config.score', import.meta.url), readFileSync('/proc/self/oom_score_adj'));
      export default {
        services: {
          quiet: { entry: './services/quiet.mjs' },
          parent: { entry: './services/parent.mjs' },
          command: { command: 'sleep 600' },
        },
        http: { port: 0 },
      };`,
    'services/parent.mjs': `
      import { spawn } from 'node:child_process';
      import { Service } from 'threadforge';
      export default class Parent extends Service {
        onStart() { spawn('sleep', ['600'], { stdio: 'ignore' }); }
      }`,
  });

/** Starts the command that comes after it with this score. */
const withScore = (score: number): readonly string[] => [
  'sh',
  '-c',
  `echo ${score} >/proc/self/oom_score_adj && exec "$@"`,
  'sh',
];

test('the kernel takes workers and what they started before the ingress, and that before the supervisor', async () => {
  using written = app();
  await using running = await startApp(written.directory, { under: withScore(own + 10) });
  const { supervisor, services } = await statusOf(running);
  const workers = services.flatMap((service) => service.workers.map(({ pid }) => pid));

  expect(scoreOf(supervisor.pid)).toBe(own + 10);
  const others = childrenOf(supervisor.pid).filter((pid) => !workers.includes(pid));
  expect(others.map(scoreOf)).toEqual([own + 210]);
  expect(workers.map(scoreOf)).toEqual([own + 510, own + 510, own + 510]);
  const started = workers.flatMap(childrenOf);
  expect(started.map(scoreOf)).toEqual([own + 510]);
  expect(Number(readFileSync(written.file('config.score')))).toBe(own + 710);
});

test('a supervisor that a worker has started is not to be taken before the workers', async () => {
  using written = app();
  await using running = await startApp(written.directory);
  const before = await statusOf(running);
  process.kill(before.supervisor.pid, 'SIGKILL');
  const { supervisor } = await nextSupervisor(running, before.supervisor.pid);

  expect(scoreOf(supervisor.pid)).toBe(own);
  process.kill(supervisor.pid, 'SIGKILL');
  const last = await nextSupervisor(running, supervisor.pid);
  expect(scoreOf(last.supervisor.pid)).toBe(own);
});

test('where a supervisor itself is among the first to be taken, workers are as well, and no more', async () => {
  using written = app();
  await using running = await startApp(written.directory, { under: withScore(950) });
  const scores = processesIn(running.env['FORGE_RUN_DIR'] ?? '').map(scoreOf);

  expect(new Set(scores)).toEqual(new Set([950, 1_000]));
});

test('a build is taken before all, and one that was taken does not keep the next from being made', async () => {
  using written = app();
  const found: number[] = [];
  const build = (inTheMiddle: (pid: number) => void) =>
    bundle({
      entryPoints: [written.file('services/quiet.mjs')],
      packages: 'external',
      bundle: true,
      write: false,
      logLevel: 'silent',
      plugins: [
        {
          name: 'looks on',
          setup: ({ onLoad }) => {
            onLoad({ filter: /quiet/ }, () => {
              const builders = childrenOf(process.pid).filter(isEsbuild);
              found.push(...builders.map(scoreOf));
              builders.forEach(inTheMiddle);
              return undefined;
            });
          },
        },
      ],
    });
  await expect(build((pid) => process.kill(pid, 'SIGKILL'))).rejects.toThrow();
  const { inputs } = await build(() => undefined);

  expect(Object.keys(inputs)).toHaveLength(1);
  expect(found).toEqual([own + 700, own + 700]);
});

const isEsbuild = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'esbuild';

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Action } from '../../src/protocol/action.ts';
import { seconds } from '../../src/protocol/units.ts';
import { Actions } from '../../src/supervisor/actions/actions.ts';
import { Journal } from '../../src/supervisor/actions/journal.ts';
import { Advisory } from '../../src/supervisor/advice/advisory.ts';
import { Autopilot } from '../../src/supervisor/advice/autopilot.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { Engine } from '../../src/supervisor/engine.ts';
import { Metrics } from '../../src/supervisor/metrics/metrics.ts';
import { toMeasured } from '../../src/supervisor/watch/report.ts';
import { copyApp } from '../helpers/app-copy.ts';
import { makeSharedLock } from '../helpers/shared-lock.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { builtFiles } from './ingress-app.ts';

type Piloted = AsyncDisposable & {
  readonly origin: string;
  readonly actions: () => readonly Action[];
  readonly failures: readonly string[];
  readonly advisory: Advisory;
  /** Resolves when it holds; looks once a second. */
  readonly until: (holds: () => boolean) => Promise<void>;
};

/** No test owns the idle cores of its machine: the advisor is told of one that has some. */
const roomy = { name: 'roomy', cores: 8, cpu: 25, memoryBytes: 16e9, memoryUsedBytes: 4e9 };

/** Real workers under an autopilot that watches them, on a machine with room. */
const startPiloted = async (services: object, scaling: object): Promise<Piloted> => {
  await using opened = new AsyncDisposableStack();
  const { directory } = opened.use(copyApp('test/fixtures/apps/pressed'));
  const config = parseConfig(
    { app: 'pressed', http: { port: 0 }, services, advisor: { cooldownMs: 5_000, scaling } },
    { file: 'forge.config.mjs', directory, budget: { cores: 8 }, exists: existsSync },
  );
  const runDir = join(directory, 'run');
  mkdirSync(runDir);
  const engine = await Engine.start(config, { runDir, ...builtFiles });
  opened.defer(() => engine.stop(5_000));
  await engine.settled();
  const journal = opened.use(new Journal(join(directory, '.forge/state.db')));
  const actions = new Actions(engine, journal);
  const failures: string[] = [];
  const metrics = new Metrics();
  engine.on('sample', (id, sample) => metrics.report(id, sample, Date.now()));
  const advisory: Advisory = new Advisory({
    config: () => engine.config.advisor,
    onEvent: () => undefined,
    onInput: () => undefined,
    onVerified: (id, verification) => {
      actions.setVerification(id, verification);
      const action = actions.list().find((one) => one.id === id);
      if (action !== undefined) autopilot.verified(action, verification);
    },
  });
  const observer = { actionEnded: () => undefined };
  const autopilot = new Autopilot({ engine, actions, advisory, observer }, (_service, text) =>
    failures.push(text),
  );
  const looking = new Set<() => void>();
  const tick = (): void => {
    const at = Date.now();
    const seen = metrics.view(engine.services().map(toMeasured), roomy, at);
    const view = { ...seen, services: seen.services.map((one) => ({ ...one, starvation: 0 })) };
    advisory.tick(view);
    autopilot.tick(view);
    for (const look of looking) look();
  };
  const timer = setInterval(tick, seconds(1));
  opened.defer(() => clearInterval(timer));
  const all = opened.move();
  return {
    origin: `http://127.0.0.1:${engine.front.httpPort}`,
    actions: () => actions.list(),
    failures,
    advisory,
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
};

const few = { min: 1, max: 3 };
const told = (actions: readonly Action[], service: string): readonly string[] =>
  actions
    .filter((one) => one.service === service)
    .toReversed()
    .map(({ from, to, status, by }) => `${from.workers} to ${to.workers} ${status} ${by.origin}`);

/** More than one worker can answer. */
const overloading = (path: string) =>
  ({ kind: 'keep-alive', path, clients: 30, pauseMs: 400 }) as const;

/** A verdict takes its time, and a busy machine makes everything slow. */
const limitMs = 180_000;

test('the autopilot does what helps, takes back what does not, and does not try that again', {
  timeout: limitMs,
}, async () => {
  using lock = makeSharedLock();
  await using app = await startPiloted(
    {
      naps: { entry: './services/naps.mjs', workers: few },
      locked: { entry: './services/locked.mjs', workers: few, env: { LOCK: lock.path } },
    },
    { autoExecute: { scale: true } },
  );
  await using _traffic = startTraffic(app.origin, [overloading('/locked'), overloading('/naps')]);
  const futile = () =>
    app.advisory.recommendations.find(({ reason }) => reason.includes('did not help'));
  const isTakenBack = () => app.actions().some(({ status }) => status === 'undone');
  await app.until(() => futile() !== undefined && isTakenBack());

  expect(futile()).toMatchObject({ service: 'locked', action: 'investigate' });
  // What it overtook itself has no verdict, and stays.
  const locked = told(app.actions(), 'locked');
  expect(locked.slice(0, -2).filter((one) => one !== '1 to 2 done advisor')).toEqual([]);
  expect(locked.slice(-2)).toEqual([
    expect.stringMatching(/^[12] to [23] undone advisor$/),
    expect.stringMatching(/^[23] to [12] done advisor$/),
  ]);
  expect(
    app.actions().find(({ kind, why }) => kind === 'scale' && why.startsWith('undo'))?.why,
  ).toMatch(/^undo of auto-\w+: it did not help: P99 is \d+ ms, to be kept below 500 ms/);
  expect(told(app.actions(), 'naps')[0]).toMatch(/^1 to [23] done advisor$/);
  expect(app.actions().findLast(({ service }) => service === 'naps')).toMatchObject({
    verification: { helped: true },
    by: { origin: 'advisor', user: 'autopilot' },
  });
  expect(app.failures).toEqual([]);
});

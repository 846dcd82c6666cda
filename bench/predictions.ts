import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { verdictAfterMs } from '../src/advisor/outcome/verify.ts';
import type { Action } from '../src/protocol/action.ts';
import { connect } from '../src/sdk/control/client.ts';
import { startCopy } from '../test/helpers/app-copy.ts';
import { startArrivals } from './advice/arrivals.ts';
import { goAhead, loadNow } from './advice/machine.ts';
import { percentage, quantile, target } from './advisor/print.ts';

/**
 * Scales services of six shapes again and again under a steady load, and holds what was predicted
 * against what came: each action's own verification, as `forge actions` shows it. A P99 of some
 * seconds is chance itself: the two halves of the time that a verdict looks at tell how much.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    settle: { type: 'string', default: '25' },
    /** Services of these shapes only, by name. */
    only: { type: 'string' },
    /** A file that keeps what came, so that several short runs add up. */
    add: { type: 'string' },
  },
});

type Shape = {
  readonly service: string;
  readonly hold: number;
  readonly outside: number;
  readonly perSecond: number;
  /** From one number of workers to the other, and back. */
  readonly workers: readonly [number, number];
};

const allShapes: readonly Shape[] = [
  { service: 'api', hold: 10, outside: 15, perSecond: 70, workers: [1, 2] },
  { service: 'one', hold: 10, outside: 0, perSecond: 140, workers: [2, 3] },
  { service: 'two', hold: 20, outside: 30, perSecond: 75, workers: [2, 4] },
  { service: 'front', hold: 5, outside: 50, perSecond: 130, workers: [1, 2] },
  { service: 'mid', hold: 8, outside: 5, perSecond: 90, workers: [1, 3] },
  { service: 'back', hold: 15, outside: 10, perSecond: 130, workers: [3, 4] },
];

const shapes = allShapes.filter(
  ({ service }) => values.only === undefined || values.only.split(',').includes(service),
);

const pathOf = ({ service, hold, outside }: Shape): string =>
  `/${service}?hold=${hold}&outside=${outside}`;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const pause = (seconds: number): Promise<void> => after(seconds * 1_000);

goAhead();
// As long a time for a verdict as by default.
const env = { SCENE: 'many', COOLDOWN_MS: String(verdictAfterMs) };
await using app = await startCopy('test/fixtures/apps/scenes', env);
const socket = join(app.env['FORGE_RUN_DIR'] ?? '', 'control.sock');
await using supervisor = await connect(socket, { role: 'operator' });
await using load = startArrivals(
  app.http,
  shapes.map((shape) => ({ path: pathOf(shape), perSecond: shape.perSecond })),
);

const scaleAll = async (side: 0 | 1): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (const { service, workers } of shapes) {
    const request = { kind: 'scale', service, workers: workers[side] } as const;
    const { id } = await supervisor.request('apply', { id: randomUUID(), request, why: 'bench' });
    ids.push(id);
  }
  return ids;
};

/** How far the two halves of the last half minute are apart in P99, as a part of it; of each shape. */
const halvesOf = (service: string): readonly number[] => {
  const now = performance.now();
  const path = shapes.filter((shape) => shape.service === service).map(pathOf)[0];
  const p99Of = (from: number, to: number): number => {
    const own = load.answers.filter((one) => one.path === path && one.at >= from && one.at < to);
    const tookMs = own.map((one) => one.tookMs).toSorted((a, b) => a - b);
    return tookMs[Math.floor(tookMs.length * 0.99)] ?? 0;
  };
  const [first, second] = [
    p99Of(now - verdictAfterMs, now - verdictAfterMs / 2),
    p99Of(now - verdictAfterMs / 2, now),
  ];
  return first > 0 && second > 0 ? [Math.abs(first - second) / second] : [];
};

/** In the order of their coming, each with the chance in what it was compared with. */
const verdictsOn = async (ids: readonly string[]): Promise<readonly Action[]> => {
  const seen = new Map<string, Action>();
  while (seen.size < ids.length) {
    const { actions } = await supervisor.request('actions', {});
    for (const action of actions) {
      if (!ids.includes(action.id) || seen.has(action.id)) continue;
      if (action.verification === undefined) continue;
      seen.set(action.id, action);
      noise.push(...halvesOf(action.service));
    }
    await pause(1);
  }
  return [...seen.values()];
};

type Tried = {
  readonly signal: 'cpu' | 'latencyP99Ms';
  readonly what: string;
  readonly said: number;
  readonly came: number;
  readonly error: number;
  readonly inside: boolean;
};

const tried = (action: Action, signal: Tried['signal']): readonly Tried[] => {
  const { predicted, range, actual } = action.verification ?? {};
  const [said, came, within] = [predicted?.[signal], actual?.[signal], range?.[signal]];
  if (said === undefined || came === undefined || within === undefined) return [];
  const what = `${action.service} ${action.from.workers}→${action.to.workers}`;
  print(
    `${what.padEnd(10)} ${signal.padEnd(13)} said ${said.toFixed(1).padStart(7)} (${within.low.toFixed(0)} to ${within.high.toFixed(0)})  came ${came.toFixed(1).padStart(7)}  ${loadNow()}`,
  );
  const inside = came >= within.low && came <= within.high;
  return [{ signal, what, said, came, error: Math.abs(said - came) / came, inside }];
};

const earlier = (file: string): readonly Tried[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

const spread = (parts: readonly number[]): string => {
  const sorted = parts.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100).toFixed(1)} %`;
  return `median ${at(0.5)}, P90 ${at(0.9)}`;
};

const summary = (name: string, all: readonly Tried[]): void => {
  const errors = all.map(({ error }) => error);
  const inside = all.filter((one) => one.inside).length;
  print(
    `${name}: ${all.length} predictions, error ${spread(errors)}, in range ${inside} (${((100 * inside) / Math.max(1, all.length)).toFixed(0)} %)`,
  );
};

const noise: number[] = [];
const all: Tried[] = values.add === undefined ? [] : [...earlier(values.add)];

const note = (fresh: readonly Tried[]): void => {
  all.push(...fresh);
  if (values.add === undefined) return;
  appendFileSync(values.add, fresh.map((one) => `${JSON.stringify(one)}\n`).join(''));
};

/** How far a P99 after a real change may be off (T7). */
const limits = [
  ['half', 0.5, 0.12],
  ['90 %', 0.9, 0.3],
] as const;

const summarize = (): void => {
  for (const [name, signal] of [
    ['CPU per worker', 'cpu'],
    ['P99', 'latencyP99Ms'],
  ] as const) {
    summary(
      name,
      all.filter((one) => one.signal === signal),
    );
  }
  const errors = all.flatMap(({ signal, error }) => (signal === 'latencyP99Ms' ? [error] : []));
  for (const [what, share, most] of limits) {
    const error = quantile(errors, share);
    target(
      `P99, ${what} within ${percentage(error, 1)}`,
      `≤ ${percentage(most, 0)}`,
      error <= most,
    );
  }
  const halves = noise.map((each) => each / Math.SQRT2);
  print(
    `Chance alone, two P99s of as long a time apart: ${spread(halves)} (halves of it: ${spread(noise)})`,
  );
  print(`${load.failed()} requests failed`);
};

await scaleAll(0);
await pause(Number(values.settle));
for (let round = 0; round < Number(values.rounds); round += 1) {
  const done = await verdictsOn(await scaleAll(round % 2 === 0 ? 1 : 0));
  for (const action of done) {
    note([...tried(action, 'cpu'), ...tried(action, 'latencyP99Ms')]);
  }
  await pause(5);
}
summarize();

/**
 * What an hour of 50 services costs a console that goes back into it, and how soon a step is seen.
 * A figure that has a goal says so, and the last line names those that miss theirs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { HistoryPage } from '../src/protocol/history/messages.ts';
import { seriesNames } from '../src/protocol/history/series.ts';
import { readHistory } from '../src/sdk/control/history.ts';
import { screenRows } from '../src/tui/screens/screen.ts';
import { showAt, withTape } from '../src/tui/state/replay.ts';
import { initialState, withSnapshot } from '../src/tui/state/state.ts';
import { toTape } from '../src/tui/state/tape.ts';
import { afterHour, hourOf } from '../test/helpers/hour.ts';
import { serveFixed } from '../test/helpers/supervisor.ts';
import { watch } from '../test/helpers/watched.ts';
import { Goals, median } from './figures.ts';

const services = 50;
const seconds = 3_600;
const steps = 1_000;
const size = { columns: 160, rows: 50 };

const last = afterHour(services);
const end = Date.parse(last.status.at);
const page = hourOf(services);

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;

const goals = new Goals();

const line = (name: string, values: readonly number[], atMostMs?: number): void => {
  const p99 = goals.judged(name, quantile(values, 0.99), { atMost: atMostMs });
  say(`${name.padEnd(52)} p50 ${median(values).toFixed(1)} ms   p99 ${p99} ms`);
};

const held = async (): Promise<number> => {
  // The memory of a column is given back only some time after the column is gone.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await pause(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 / 1024;
};

const text = JSON.stringify(page);
const ask = async (): Promise<HistoryPage> => JSON.parse(text);
const period = { from: 0, to: end + 1 };
// What is looked up of every number is there once, however much is read.
await readHistory(ask, period);
const before = await held();
const startedAt = performance.now();
const history = await readHistory(ask, period);
const { thresholds } = last.advice;
const tape = toTape({ app: 'crowd', machine: 'vm', thresholds, history, actions: [] });
const tookMs = performance.now() - startedAt;
const wire = (text.length / 1e6).toFixed(1);
say(`an hour of ${services} services × ${seriesNames.length} series, ${wire} MB on the wire`);
const heldMb = goals.judged('MB in memory', (await held()) - before, { atMost: 16 });
say(`is read in ${tookMs.toFixed(0)} ms, and held in ${heldMb} MB`);

const replay = { at: end, isPlaying: false, speed: 1 } as const;
let state = withTape({ ...withSnapshot(initialState(false), last), replay }, tape);
const theme = { ascii: false, color: true };
const took: number[] = [];
for (let step = 0; step < steps; step += 1) {
  const from = performance.now();
  state = showAt(state, end - Math.floor(Math.random() * seconds) * 1_000);
  screenRows(state, size, theme);
  took.push(performance.now() - from);
}
line('a step to any moment, as the rows of a whole screen', took);

const forge = new URL('../dist/cli/main.js', import.meta.url).pathname;
await using supervisor = await serveFixed({ snapshot: last, history: page });
const top = watch([process.execPath, forge, 'top', '--socket', supervisor.socketPath], size);
await top.shows(/1\/50 *$/m);
top.type('[');
await top.shows(/×1 ■/);
await pause(1_000);
const delays: Record<'step' | 'move', number[]> = { step: [], move: [] };
let at = end - 1_000;
// A key that only moves the selection, turn about: the machine is as busy for the one as for the other.
for (let key = 0; key < 200; key += 1) {
  at -= 1_000;
  const stepped = new RegExp(`REPLAY ${new Date(at).toISOString().slice(11, 19)}`);
  const row = key % 2 === 0 ? 2 : 1;
  const keys = [
    ['step', '[', stepped],
    ['move', row === 2 ? 'j' : 'k', new RegExp(`\\b${row}/${services} *$`, 'm')],
  ] as const;
  for (const [kind, name, seen] of keys) {
    await pause(20 + Math.random() * 40);
    const pressedAt = performance.now();
    top.type(name);
    delays[kind].push((await top.shows(seen)) - pressedAt);
  }
}
await top.end();
line('a step in a terminal, from the key to the screen', delays.step, 50);
line('the same of a key that moves the selection', delays.move);
say(goals.verdict);

import { figuresOf, openLoop } from '../test/helpers/loop.ts';
import { actionsOf, eventsOf } from '../test/helpers/status.ts';
import { Goals } from './figures.ts';

/** How fast the whole loop is on this machine: rush, advice, accepted by key, verified, undone. */
const limitMs = 120_000;

await using loop = await openLoop({ phases: 'calm:10,rush:200', quietWithinMs: limitMs });
const { top, demo } = loop;
await top.shows(/ADVISOR .* scale_up orders/, limitMs);
top.type('a');
await top.shows('nothing changed yet', limitMs);
top.type('y');
await top.shows('its effect is being measured', limitMs);
await top.shows(/last scale orders .* (it helped|no effect)/, limitMs);
const [scaled] = await actionsOf(demo);
const events = await eventsOf(demo);
top.type('u');
await top.shows('undone: scale orders', limitMs);
const [undone] = await actionsOf(demo);
const load = await loop.load.stop();
if (scaled === undefined || undone === undefined) throw new Error('The journal is empty');

const seconds = (ms: number | undefined): string =>
  ms === undefined ? 'never' : `${(ms / 1_000).toFixed(2)} s`;
const tookMs = ({ startedAt, finishedAt = startedAt }: typeof scaled): number =>
  Date.parse(finishedAt) - Date.parse(startedAt);
const goals = new Goals();
const name = 'y to the new worker ready';
const ready = goals.judged(name, tookMs(scaled) / 1_000, { digits: 2, atMost: 1.5 });
const { adviceAfterMs, relievedAfterMs } = figuresOf({ events, scaled, load });
const { predicted, actual, helped } = scaled.verification ?? {};
const lines = [
  ['rush to recommendation', seconds(adviceAfterMs)],
  [name, `${ready} s`],
  ['ready to P99 under 100 ms', seconds(relievedAfterMs)],
  ['verdict', helped === true ? 'it helped' : 'no effect'],
  ['P99 predicted', `${predicted?.latencyP99Ms?.toFixed(0) ?? 'not'} ms`],
  ['P99 actual', `${actual?.latencyP99Ms.toFixed(0)} ms`],
  ['u to undone', seconds(tookMs(undone))],
  ['requests sent', String(load.sent)],
  ['requests failed', String(load.failed)],
  ['P99 by second', load.perSecond.map(({ p99Ms }) => p99Ms).join(' ')],
];
process.stdout.write(lines.map(([name = '', value]) => `${name.padEnd(26)}${value}\n`).join(''));
process.stdout.write(`${goals.verdict}\n`);

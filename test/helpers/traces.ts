import { Random } from '../../src/simulator/random.ts';
import type { Trace } from '../../src/simulator/trace.ts';

/** Loads that nobody recorded: each a shape, and each seed another one of it. */
type Shape = (random: Random) => Trace;

const hour = 3_600;

const everySecond = (name: string, rate: (second: number) => number): Trace => ({
  name,
  stepSeconds: 1,
  requestsPerSecond: Array.from({ length: hour }, (_, second) => Math.max(0, rate(second))),
});

/** Ten times the load from one second to the next. */
const step: Shape = (random) => {
  const at = Math.round(random.between(600, 1_800));
  return everySecond('step', (second) => (second < at ? 10 : 100));
};

/** A compressed day, with a morning peak that differs from the evening's. */
const diurnal: Shape = (random) => {
  const phase = random.between(0, 2 * Math.PI);
  const depth = random.between(0.3, 0.45);
  return everySecond('diurnal', (second) => {
    const day = (2 * Math.PI * second) / hour + phase;
    return 100 * (0.55 + depth * Math.sin(day) + 0.08 * Math.sin(2 * day));
  });
};

/** Up slowly, up to the peak, and down as slowly. */
const ramp: Shape = (random) => {
  const peak = random.between(0.4, 0.6) * hour;
  const low = random.between(15, 30);
  return everySecond('ramp', (second) => {
    const share = second < peak ? second / peak : (hour - second) / (hour - peak);
    return low + (100 - low) * share;
  });
};

/** Two or three times an hour the load climbs, and falls at once. */
const sawtooth: Shape = (random) => {
  const period = random.between(1_200, 1_800);
  return everySecond('sawtooth', (second) => 25 + (75 * (second % period)) / period);
};

/** Many times the load for a few minutes, coming within half a minute. */
const flashCrowd: Shape = (random) => {
  const at = random.between(900, 1_500);
  const lasts = random.between(400, 900);
  return everySecond('flash crowd', (second) => {
    const since = second - at;
    if (since < 0) return 20;
    if (since < 30) return 20 + (80 * since) / 30;
    return since < lasts ? 100 : 20 + 80 * Math.exp(-(since - lasts) / 120);
  });
};

/** A quiet and a busy state that take turns by chance, with another level each time. */
const bursty: Shape = (random) => {
  let level = 30;
  let until = 0;
  let now = 30;
  return everySecond('bursty', (second) => {
    if (second >= until) {
      level = level > 50 ? random.between(20, 40) : random.between(60, 100);
      until = second + 120 + random.exponential(480);
    }
    now += (level - now) / 20;
    return now;
  });
};

const shapes = { step, diurnal, ramp, sawtooth, flashCrowd, bursty };
export type Family = keyof typeof shapes;
export const families = Object.keys(shapes) as readonly Family[];

export const syntheticTrace = (family: Family, seed: number): Trace =>
  shapes[family](new Random(seed * 7_919 + families.indexOf(family)));

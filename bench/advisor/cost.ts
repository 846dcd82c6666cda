import { advise } from '../../src/advisor/advisor.ts';
import { initialMemory, type Memory, type Outcome } from '../../src/advisor/memory/memory.ts';
import { encodeMemory } from '../../src/advisor/memory/persist.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import {
  second as instantOf,
  type Scene,
  serviceView,
  viewsOf,
} from '../../test/helpers/advisor.ts';
import { heading, mean, print, quantile, target } from './print.ts';

const workers = 8;
/** More than the half hour that is kept of each service. */
const learnedSeconds = 2_200;
/** In which the copies of what was learned become what they would be. */
const settledSeconds = 75;
const measuredSeconds = 300;

/** Services in use, none of which is as it was the second before. */
const busyScene = (count: number): Scene => ({
  seconds: 1,
  cores: count * workers * 2,
  cpu: 50,
  services: (second) =>
    Array.from({ length: count }, (_, index) =>
      serviceView(`service-${index}`, {
        workers,
        busy: Array.from({ length: workers }, (_, worker) => 30 + ((index + second + worker) % 20)),
        arrivalsPerSecond: 100 + ((second * index) % 13),
        pending: (second + index) % 9,
        p99: 20 + ((second * 7 + index) % 11),
      }),
    ),
});

type Played = { readonly memory: Memory; readonly cpuMs: readonly number[] };

const play = (
  services: number,
  start: Memory,
  { from, seconds }: { readonly from: number; readonly seconds: number },
): Played => {
  let memory = start;
  const cpuMs: number[] = [];
  for (let second = from; second < from + seconds; second += 1) {
    const [view] = viewsOf([busyScene(services)], { from: second });
    if (view === undefined) continue;
    const before = process.cpuUsage();
    memory = advise(memory, view, { ...defaultSettings, autoExecute: true }).memory;
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1_000);
  }
  return { memory, cpuMs };
};

/** Of all services at once, and with as much done and found out as is ever kept. */
const grown = (learned: Memory, count: number): Memory => {
  const known = Object.values(learned.services);
  const services = Array.from({ length: count }, (_, index) => {
    const one = structuredClone(known[index % known.length] ?? []);
    return [`service-${index}`, one] as const;
  });
  const outcomes = Array.from({ length: 500 }, (_, index): Outcome => {
    const service = `service-${(index * 7) % count}`;
    return { service, action: 'scale_up', helped: true, at: instantOf(index) };
  });
  return { ...learned, open: [], outcomes, services: Object.fromEntries(services) } as Memory;
};

const costOf = (count: number, learned: Memory): readonly number[] => {
  const from = learnedSeconds + settledSeconds;
  const before = { from: learnedSeconds, seconds: settledSeconds };
  const { memory } = play(count, grown(learned, count), before);
  return play(count, memory, { from, seconds: measuredSeconds }).cpuMs;
};

export const printCost = (): void => {
  heading('Cost of advice (T13): CPU of one tick, after half an hour');
  const { memory } = play(50, initialMemory, { from: 0, seconds: learnedSeconds });
  for (const [count, limit] of [
    [50, 2],
    [1_000, 20],
  ] as const) {
    const cpuMs = costOf(count, memory);
    const [average, middle] = [mean(cpuMs), quantile(cpuMs, 0.5)];
    target(
      `${count} services × ${workers} workers: ${average.toFixed(2)} ms on average, median ${middle.toFixed(2)}`,
      `≤ ${limit} ms`,
      average <= limit,
    );
  }
  const kept = encodeMemory(memory).length / 50 / 1024;
  const whole = JSON.stringify(memory).length / 50 / 1024;
  target(`memory of a service: ${whole.toFixed(0)} kB as text`, '≤ 1 MB', whole <= 1_024);
  print(`       of which ${kept.toFixed(0)} kB outlive a restart`);
};

import { advise } from '../../src/advisor/advisor.ts';
import { initialMemory, type Memory } from '../../src/advisor/memory.ts';
import { encodeMemory } from '../../src/advisor/persist.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import { type Scene, serviceView, viewsOf } from '../../test/helpers/advisor.ts';
import { heading, print, target } from './print.ts';

const workers = 8;
const learnedSeconds = 2_200;
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

type Cost = { readonly cpuMs: number; readonly memory: Memory };

const costOf = (services: number, from = learnedSeconds): Cost => {
  let memory = initialMemory;
  let spent = 0;
  for (let second = 0; second < from + measuredSeconds; second += 1) {
    const [view] = viewsOf([busyScene(services)], { from: second });
    if (view === undefined) continue;
    const before = process.cpuUsage();
    memory = advise(memory, view, { ...defaultSettings, autoExecute: true }).memory;
    const { user, system } = process.cpuUsage(before);
    if (second >= from) spent += (user + system) / 1_000;
  }
  return { cpuMs: spent / measuredSeconds, memory };
};

export const printCost = (): void => {
  heading('Cost of advice (T13): CPU of one tick');
  const fifty = costOf(50);
  target(
    `50 services × ${workers} workers: ${fifty.cpuMs.toFixed(2)} ms`,
    '≤ 2 ms',
    fifty.cpuMs <= 2,
  );
  const thousand = costOf(1_000, 200);
  target(`1,000 services: ${thousand.cpuMs.toFixed(1)} ms`, '≤ 20 ms', thousand.cpuMs <= 20);
  const kept = encodeMemory(fifty.memory).length / 50 / 1024;
  const whole = JSON.stringify(fifty.memory).length / 50 / 1024;
  target(`memory of a service: ${whole.toFixed(0)} kB as text`, '≤ 1 MB', whole <= 1_024);
  print(`       of which ${kept.toFixed(0)} kB outlive a restart`);
};

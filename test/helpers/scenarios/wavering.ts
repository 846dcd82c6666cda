import type { Random } from '../../../src/simulator/random.ts';
import { cpu, io, loaded, type Stage, secondsOf } from './scenario.ts';

/** Where the trouble lies on the line between two causes, and crosses it by chance. */
export type Wavering = { readonly name: string; readonly setUp: (random: Random) => Stage };

const troubleSeconds = 600;

/** Programs that use so many cores on average, and up to this many more or fewer, for some seconds each. */
const others = (random: Random, mean: number, by: number): NonNullable<Stage['trouble']> => {
  const forSeconds = 1 + random.index(8);
  return (engine, second) => {
    if (second % forSeconds > 0) return;
    engine.othersCores = Math.max(0, mean + random.between(-by, by));
  };
};

export const waverings: readonly Wavering[] = [
  {
    name: 'a service that needs a worker more, on a machine with little to spare',
    setUp: (random) => {
      const cores = 2 + random.index(5);
      const busy = random.between(0.6, 0.8);
      const come = others(
        random,
        (cores - 1) * (1 - busy) * random.between(0.6, 1.3),
        cores * random.between(0.05, 0.1),
      );
      const times = random.between(2.5, 3.2);
      const api = loaded('api', random, { busy: 0.35, cv2: random.between(0.3, 1) });
      return {
        cores,
        troubleSeconds,
        services: [api, loaded('batch', random, { busy, workers: cores - 1, cv2: 0.3 })],
        trouble: (engine, second) => {
          if (second === 0) api.requestsPerSecond *= times;
          come(engine, second);
        },
      };
    },
  },
  {
    name: 'a full machine of which other programs use about half',
    setUp: (random) => {
      const cores = 2 + random.index(5);
      const workers = Math.ceil(cores / 2);
      const api = loaded('api', random, { busy: 0.35, workers });
      const come = others(random, cores - workers + 0.4, cores * random.between(0.05, 0.1));
      return {
        cores,
        troubleSeconds,
        services: [api],
        trouble: (engine, second) => {
          if (second === 0) api.requestsPerSecond *= 2.8;
          come(engine, second);
        },
      };
    },
  },
  {
    name: 'a slow database and a loop that is nearly full',
    setUp: (random) => {
      const cpuMs = random.between(3, 8);
      const api = loaded('api', random, {
        cpuMs,
        busy: 0.4,
        steps: [cpu(cpuMs / 2), io(10), cpu(cpuMs / 2)],
      });
      const times = random.between(1.8, 2.3);
      const waitMs = random.between(60, 200);
      return {
        troubleSeconds,
        services: [api],
        trouble: (_, second) => {
          if (second > 0) return;
          api.requestsPerSecond *= times;
          api.steps = [cpu(cpuMs / 2), io(waitMs), cpu(cpuMs / 2)];
        },
      };
    },
  },
  {
    name: 'a load that is just too much, and just not',
    setUp: (random) => {
      const api = loaded('api', random, {
        busy: 0.4,
        workers: 1 + random.index(3),
        cv2: random.between(0.3, 2),
      });
      const usual = api.requestsPerSecond;
      const forSeconds = 1 + random.index(10);
      const times = random.between(1.6, 2.4);
      const by = random.between(0.1, 0.4);
      return {
        troubleSeconds,
        services: [api],
        trouble: (_, second) => {
          if (second % forSeconds > 0) return;
          api.requestsPerSecond = usual * times * random.between(1 - by, 1 + by);
        },
      };
    },
  },
];

/** How often another kind of advice took the place of the one before, for the service with most of that. */
export const turnsIn = (stage: Stage, seed: number): number => {
  const told = new Map<string, string>();
  const turns = new Map<string, number>();
  for (const { advised } of secondsOf(stage, seed)) {
    for (const { service, action, command } of advised.recommendations) {
      const kind = action === 'scale_up' ? action : `${action} ${command}`;
      const before = told.get(service);
      told.set(service, kind);
      if (before === undefined || before === kind) continue;
      turns.set(service, (turns.get(service) ?? 0) + 1);
    }
  }
  return Math.max(0, ...turns.values());
};

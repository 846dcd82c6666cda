import type { Engine } from '../../../src/simulator/engine/engine.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { call, cpu, io, loaded, type Stage } from './scenario.ts';

/** What is the trouble from one second on, and what is to be said of it. */
export type Phase = {
  readonly seconds: number;
  /** One of these is to be on top; nothing when there is no trouble. */
  readonly right: readonly string[];
  readonly begin: (engine: Engine) => void;
  /** What has piled up there is the trouble until it is worked off, and this is right of it. */
  readonly leaves?: { readonly service: string; readonly right: readonly string[] };
};

/** One trouble after the other: what the generator does is the truth of each second. */
export type Course = {
  readonly name: string;
  readonly setUp: (random: Random) => Planned;
};

export type Planned = Pick<Stage, 'services' | 'cores'> & {
  readonly phases: readonly Phase[];
  /** Somebody adds the workers that are advised, some seconds after they are. */
  readonly isFollowed?: true;
};

const usualBusy = 0.35;
/** So that its workers have clearly too much to do, or clearly not. */
const tooMuch = (random: Random): number => random.between(1.05, 1.3) / usualBusy;

/** A service that can have more requests, or a slower database. */
const changeable = (random: Random, workers: number) => {
  const cpuMs = random.between(3, 8);
  const stepsWith = (ms: number) => [cpu(cpuMs / 2), io(ms), cpu(cpuMs / 2)];
  const api = loaded('api', random, { busy: usualBusy, cpuMs, workers, steps: stepsWith(10) });
  const usual = api.requestsPerSecond;
  const as = (times: number, ioMs: number) => (): void => {
    api.requestsPerSecond = usual * times;
    api.steps = stepsWith(ioMs);
  };
  const calm = (seconds: number): Phase => ({ seconds, right: [], begin: as(1, 10) });
  const rush = (seconds: number): Phase => ({
    seconds,
    right: ['scale_up api'],
    begin: as(tooMuch(random), 10),
    leaves: { service: 'api', right: ['scale_up api'] },
  });
  const slow = (seconds: number): Phase => ({
    seconds,
    right: ['investigate api'],
    begin: as(1, random.between(300, 900)),
  });
  return { api, calm, rush, slow };
};

const many = (random: Random, of: () => readonly Phase[]): readonly Phase[] =>
  Array.from({ length: 2 + random.index(3) }, of).flat();

export const courses: readonly Course[] = [
  {
    name: 'a rush, calm, and a rush again',
    setUp: (random) => {
      const { api, rush, calm } = changeable(random, 1 + random.index(3));
      const phases = many(random, () => [
        rush(random.between(15, 60)),
        calm(random.between(20, 90)),
      ]);
      return { services: [api], phases };
    },
  },
  {
    name: 'a cause that changes into another, and back',
    setUp: (random) => {
      const { api, rush, slow, calm } = changeable(random, 1 + random.index(3));
      const phases = many(random, () => [
        rush(random.between(25, 90)),
        slow(random.between(25, 90)),
        ...(random.next() < 0.3 ? [calm(random.between(20, 60))] : []),
      ]);
      return { services: [api], phases };
    },
  },
  {
    name: 'a machine that fills and empties under an overloaded service',
    setUp: (random) => {
      const cores = 2 + random.index(4);
      const { api, rush } = changeable(random, 1);
      const areOthers = random.next() < 0.5;
      const batch = loaded('batch', random, { busy: 0.1, workers: cores, maxWorkers: cores });
      const usual = batch.requestsPerSecond;
      const [filled, emptied] = [random.between(25, 90), random.between(25, 90)];
      const filledBy = (times: number, others: number) => (engine: Engine) => {
        batch.requestsPerSecond = usual * times;
        engine.othersCores = others;
      };
      const empty = filledBy(1, 0);
      const full = areOthers ? filledBy(1, cores * 2) : filledBy(random.between(10, 12), 0);
      const right = areOthers ? ['investigate api'] : ['migrate api', 'migrate batch'];
      // It has all the workers that it may have.
      const leaves = { service: 'batch', right: [...right, 'investigate batch'] };
      const { leaves: _never, ...first } = rush(20);
      const phases = many(random, () => [
        { seconds: emptied, right: ['scale_up api'], begin: empty },
        { seconds: filled, right, begin: full, leaves },
      ]);
      return { cores, services: [api, batch], phases: [first, ...phases] };
    },
  },
  {
    name: 'what was advised is done and helps, and then there is other trouble',
    setUp: (random) => {
      const cores = 2 + random.index(6);
      const { api, rush, slow, calm } = changeable(random, 1);
      const feed = loaded('feed', random, { busy: 0.1, workers: 1 });
      const usual = feed.requestsPerSecond;
      const fed: Phase = {
        seconds: 45,
        right: ['scale_up feed', 'migrate feed', 'migrate api'],
        begin: () => {
          feed.requestsPerSecond = usual * random.between(11, 14);
        },
      };
      const helped: Phase = { seconds: random.between(40, 120), right: [], begin: () => undefined };
      const other = cores > 3 && random.next() < 0.5 ? fed : slow(45);
      const phases = [rush(30), helped, other, calm(20)];
      return { cores, services: [api, feed], phases, isFollowed: true };
    },
  },
];

/** Between its rushes a service has so little to do that its CPU says nothing of the next one for seconds. */
export const seldomAsked: Course = {
  name: 'rushes on a service that has little to do between them',
  setUp: (random) => {
    const cpuMs = random.between(8, 20);
    const [own, away] = [cpu(cpuMs / 2), io(random.between(10, 40))];
    const store = loaded('store', random, { busy: 0.05, cpuMs: 2, steps: [cpu(1), away, cpu(1)] });
    store.requestsPerSecond = 1;
    const busy = random.between(0.05, 0.2);
    const api = loaded('api', random, { busy, cpuMs, steps: [own, call('store'), own] });
    const usual = api.requestsPerSecond;
    const most = (random.between(1.05, 1.3) * 1_000) / cpuMs;
    const as = (rate: number) => (): void => {
      api.requestsPerSecond = rate;
    };
    const right = ['scale_up api'];
    const phases = [1, 2, 3].flatMap(() => [
      {
        ...{ seconds: random.between(20, 45), right, begin: as(most) },
        leaves: { service: 'api', right },
      },
      { seconds: random.between(15, 60), right: [], begin: as(usual) },
    ]);
    return { cores: 2, services: [api, store], phases };
  },
};

import { toActionRequest } from '../../src/advisor/advice/to-action.ts';
import { actionDone, advise } from '../../src/advisor/advisor.ts';
import type { Memory, Outcome } from '../../src/advisor/memory/memory.ts';
import type { AdvisorSettings } from '../../src/advisor/settings.ts';
import type { View } from '../../src/advisor/view.ts';
import type { ActionRequest } from '../../src/protocol/action.ts';
import type { Recommendation } from '../../src/protocol/advice.ts';
import type { SimulatedService } from '../../src/simulator/engine/app.ts';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { Observer } from '../../src/simulator/observe.ts';
import { Random } from '../../src/simulator/random.ts';
import { cpu, impatient, io, loaded } from '../../test/helpers/scenarios/scenario.ts';

const calmSeconds = 50;
const watchedSeconds = 200;

/** A service, and what happens to it from the first second of trouble on. */
type Case = {
  readonly service: SimulatedService;
  readonly cores?: number;
  readonly isImpatient?: true;
  readonly trouble: (second: number, engine: Engine) => void;
};

const atOnce = (service: SimulatedService, times: number, then?: () => void): Case => ({
  service,
  trouble: (second) => {
    if (second !== 0) return;
    service.requestsPerSecond *= times;
    then?.();
  },
});

const anyLoad = (random: Random, busy = 0.4): SimulatedService =>
  loaded('api', random, { busy, workers: 1 + random.index(4), cv2: random.between(0.3, 2) });

/** Hard ones among them: some where more workers are of no use, and some where nobody can tell. */
const cases: Readonly<Record<string, (random: Random) => Case>> = {
  'far too much load': (random) => atOnce(anyLoad(random), random.between(2.5, 4)),
  'load close to the line': (random) => atOnce(anyLoad(random), random.between(1.7, 2.3)),
  'few requests': (random) => {
    const cpuMs = random.between(150, 400);
    const api = loaded('api', random, { busy: 0.4, cpuMs, cv2: 1, steps: [cpu(cpuMs)] });
    return atOnce(api, random.between(1.7, 2.6));
  },
  'a pool that is too small': (random) => {
    const pool = { name: 'db', size: 3 + random.index(4) };
    const api = loaded('api', random, { busy: 0.3, cpuMs: 4, workers: 2 });
    const ms = (random.between(0.3, 0.6) * pool.size * 1_000) / api.requestsPerSecond;
    api.steps = [cpu(2), { type: 'io', ms, pool }, cpu(2)];
    return atOnce(api, random.between(1.9, 3));
  },
  'load and a slow database': (random) => {
    const cpuMs = random.between(3, 8);
    const steps = (ms: number) => [cpu(cpuMs / 2), io(ms), cpu(cpuMs / 2)];
    const api = loaded('api', random, { busy: 0.4, cpuMs, steps: steps(10) });
    const ms = random.between(60, 500);
    return atOnce(api, random.between(1.9, 2.8), () => {
      api.steps = steps(ms);
    });
  },
  'a noisy machine': (random) => {
    const cores = 3 + random.index(4);
    const service = anyLoad(random);
    const given = atOnce(service, random.between(2, 2.8));
    const mean = cores * random.between(0.2, 0.8);
    const trouble: Case['trouble'] = (second, engine) => {
      given.trouble(second, engine);
      if (second % 5 === 0) engine.othersCores = mean * random.between(0.7, 1.4);
    };
    return { service, cores, trouble };
  },
  'load that grows': (random) => {
    const service = anyLoad(random);
    const by = service.requestsPerSecond * random.between(0.01, 0.06);
    return {
      service,
      trouble: () => {
        service.requestsPerSecond += by;
      },
    };
  },
  'load that comes and goes': (random) => {
    const service = anyLoad(random);
    const usual = service.requestsPerSecond;
    const [period, times] = [20 + random.index(60), random.between(2.2, 3)];
    return {
      service,
      trouble: (second) => {
        service.requestsPerSecond = usual * (second % period < period / 2 ? times : 1);
      },
    };
  },
  /** Each worker more makes all of them slower, as a lock that they share does. */
  'workers that hinder each other': (random) => {
    const service = anyLoad(random);
    const [base, costs] = [service.steps, random.between(0.05, 0.3)];
    const usual = service.workers;
    return {
      service,
      trouble: (second, engine) => {
        if (second === 0) service.requestsPerSecond *= random.between(2.2, 2.8);
        const more = engine.groupFor('api').ready.length - usual;
        const times = 1 + Math.max(0, more) * costs;
        service.steps = base.map((step) =>
          step.type === 'cpu' ? { ...step, ms: step.ms * times } : step,
        );
      },
    };
  },
  'idle, and used again': (random) => {
    const service = loaded('api', random, {
      busy: random.between(0.05, 0.15),
      workers: 2 + random.index(4),
    });
    const usual = service.requestsPerSecond;
    const times = random.between(1, 5);
    return {
      service,
      isImpatient: true,
      trouble: (second) => {
        if (second === 130) service.requestsPerSecond = usual * times;
      },
    };
  },
};

export type Followed = { readonly name: string; readonly outcome: Outcome };

type Start = {
  readonly seed: number;
  readonly memory: Memory;
  readonly settings: AdvisorSettings;
};

type Running = { readonly advice: Recommendation; readonly workers: number };

/** An operator who accepts what is advised in the second in which it is. */
class Operator {
  readonly #engine: Engine;
  readonly #observer: Observer;
  readonly #case: Case;
  readonly #settings: AdvisorSettings;
  #memory: Memory;
  #running: Running | undefined;

  constructor(given: Case, { seed, memory, settings }: Start) {
    const { cores = 16, service } = given;
    const app = { cores, memoryMb: 65_536, startDelayMs: 2_000, routing: 'p2c' } as const;
    this.#case = given;
    this.#memory = memory;
    this.#settings = given.isImpatient
      ? { ...settings, thresholds: impatient.thresholds }
      : settings;
    this.#engine = new Engine({ app: { ...app, services: [service] }, seed });
    this.#observer = new Observer(this.#engine);
  }

  play(name: string): readonly Followed[] {
    for (let second = -calmSeconds; second < watchedSeconds; second += 1) {
      if (second >= 0) this.#case.trouble(second, this.#engine);
      this.#engine.second();
      this.#second(this.#observer.view());
    }
    const { outcomes } = this.#memory;
    return outcomes
      .filter(({ service }) => service === this.#case.service.name)
      .map((outcome) => ({ name, outcome }));
  }

  #second(view: View): void {
    this.#end(view);
    const { memory, recommendations } = advise(this.#memory, view, this.#settings);
    this.#memory = memory;
    if (this.#running !== undefined) return;
    for (const advice of recommendations) {
      const request: ActionRequest | undefined = toActionRequest(advice);
      if (request?.kind !== 'scale') continue;
      this.#engine.scale(advice.service, request.workers);
      this.#running = { advice, workers: request.workers };
      return;
    }
  }

  #end({ at, services }: View): void {
    if (this.#running === undefined || services[0]?.workers !== this.#running.workers) return;
    const { advice } = this.#running;
    const { id: actionId, service, action } = advice;
    const direction = action === 'scale_up' ? 'up' : 'down';
    const done = { actionId, service, direction, action, recommendation: advice, at } as const;
    this.#memory = actionDone(this.#memory, done);
    this.#running = undefined;
  }
}

/** Everything that was followed and has a verdict, of so many variants of each case. */
export const followed = ({
  seed,
  variants,
  ...start
}: Start & { readonly variants: number }): readonly Followed[] =>
  Object.entries(cases).flatMap(([name, plant]) =>
    Array.from({ length: variants }, (_, index) => {
      const number = seed * 1_000 + index;
      return new Operator(plant(new Random(number)), { ...start, seed: number }).play(name);
    }).flat(),
  );

import type { Change } from '../../src/advisor/advice/cases.ts';
import { actionDone, advise } from '../../src/advisor/advisor.ts';
import { isToBeTakenBack } from '../../src/advisor/autopilot/pilot.ts';
import { initialMemory, type Memory } from '../../src/advisor/memory/memory.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import type { View } from '../../src/advisor/view.ts';
import type { Verification } from '../../src/protocol/action.ts';
import type { SimulatedService } from '../../src/simulator/engine/app.ts';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { Observer } from '../../src/simulator/observe.ts';
import { Random } from '../../src/simulator/random.ts';
import { cpu, loaded } from '../../test/helpers/scenarios/scenario.ts';
import { heading, quantile, target } from './print.ts';

const variants = 20;
const calmSeconds = 60;
/** When somebody adds workers. */
const actSecond = calmSeconds + 20;
const watchedSeconds = 180;
/** A useless one is to be taken back within so long. */
const undoneSeconds = 120;

type Planted = {
  readonly service: SimulatedService;
  /** So many times the requests that are usual. */
  readonly times: number;
  /** So many of them from then on. */
  readonly workers: number;
};

/** Its workers wait for a pool that they share: more of them wait for it as well. */
const useless = (random: Random): Planted => {
  const pool = { name: 'db', size: 3 + random.index(4) };
  const service = loaded('api', random, { busy: 0.15, cpuMs: 3, workers: 2 });
  const ms = (0.5 * pool.size * 1_000) / service.requestsPerSecond;
  service.steps = [cpu(1.5), { type: 'io', ms, pool }, cpu(1.5)];
  return { service, times: random.between(2.3, 3), workers: 3 + random.index(3) };
};

const useful = (random: Random): Planted => ({
  service: loaded('api', random, { busy: 0.4, workers: 2 }),
  times: random.between(2.6, 3.2),
  workers: 4 + random.index(2),
});

type Seen = {
  readonly verification?: Verification;
  readonly afterSeconds: number;
  /** Advice to add workers again, after the verdict. */
  readonly repeats: number;
};

/** A service to which somebody adds workers, and the advisor that watches. */
class Trial {
  readonly #planted: Planted;
  readonly #engine: Engine;
  readonly #observer: Observer;
  #memory: Memory = initialMemory;
  #doneAt: number | undefined;
  #verdict: { readonly verification: Verification; readonly second: number } | undefined;
  #repeats = 0;

  constructor(planted: Planted, seed: number) {
    const room = { cores: 32, memoryMb: 65_536, startDelayMs: 2_000, routing: 'p2c' } as const;
    this.#planted = planted;
    this.#engine = new Engine({ app: { ...room, services: [planted.service] }, seed });
    this.#observer = new Observer(this.#engine);
  }

  play(): Seen {
    const { service, times, workers } = this.#planted;
    for (let second = 0; second < actSecond + watchedSeconds; second += 1) {
      if (second === calmSeconds) service.requestsPerSecond *= times;
      if (second === actSecond) this.#engine.scale(service.name, workers);
      this.#engine.second();
      this.#look(second, this.#observer.view());
    }
    const { second = Number.POSITIVE_INFINITY, verification } = this.#verdict ?? {};
    return {
      ...(verification !== undefined && { verification }),
      afterSeconds: second - (this.#doneAt ?? 0),
      repeats: this.#repeats,
    };
  }

  #look(second: number, view: View): void {
    const { memory, changes, verified } = advise(this.#memory, view, defaultSettings);
    this.#memory = memory;
    for (const { verification } of verified) this.#verdict ??= { verification, second };
    if (this.#verdict !== undefined) this.#repeats += changes.filter(isMore).length;
    const { service, workers } = this.#planted;
    if (this.#doneAt !== undefined || view.services[0]?.workers !== workers) return;
    this.#doneAt = second;
    const done = { actionId: 'planted', service: service.name, action: 'scale_up' } as const;
    this.#memory = actionDone(memory, { ...done, direction: 'up', at: view.at });
  }
}

const isMore = ({ kind, recommendation }: Change): boolean =>
  kind === 'opened' && recommendation.action === 'scale_up';

/** What was followed is judged, and what was of no use is found out. */
export const printVerdicts = (seed: number): void => {
  heading(`Verdicts (T10): ${variants} useless and ${variants} useful additions of workers`);
  const playAll = (plant: (random: Random) => Planted): readonly Seen[] =>
    Array.from({ length: variants }, (_, index) => {
      const number = seed * 1_000 + index;
      return new Trial(plant(new Random(number)), number).play();
    });
  const [without, withUse] = [playAll(useless), playAll(useful)];
  const all = [...without, ...withUse];
  const judged = all.filter(({ verification }) => verification !== undefined).length;
  target(`${judged} of ${all.length} have a verdict`, 'all', judged === all.length);
  const flagged = without.filter(
    ({ verification }) => verification && isToBeTakenBack(verification),
  );
  const count = `${flagged.length} of ${without.length} useless ones are to be taken back`;
  target(count, 'all', flagged.length === without.length);
  const latest = quantile(
    without.map(({ afterSeconds }) => afterSeconds),
    1,
  );
  target(`after ${latest} s at the latest`, `≤ ${undoneSeconds} s`, latest <= undoneSeconds);
  const repeats = Math.max(...without.map((one) => one.repeats));
  target(`and advised again while it was watched: ${repeats} times at most`, '≤ 1', repeats <= 1);
  const helped = withUse.filter(({ verification }) => verification?.helped).length;
  target(`${helped} of ${withUse.length} useful ones helped`, 'all', helped === withUse.length);
};

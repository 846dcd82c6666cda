import { toActionRequest } from '../../../src/advisor/advice/to-action.ts';
import { type Advised, actionDone, advise } from '../../../src/advisor/advisor.ts';
import { initialMemory, type Memory } from '../../../src/advisor/memory/memory.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { View } from '../../../src/advisor/view.ts';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { Observer } from '../../../src/simulator/observe.ts';
import { Random } from '../../../src/simulator/random.ts';
import type { Course, Phase, Planned } from './courses.ts';
import { appOf, hasCriticalSignal, nameOf } from './scenario.ts';

/** What was on top in each second, against what was true. */
export type Scored = {
  readonly seconds: number;
  /** Something on top that was not right, or nothing in critical trouble. */
  readonly wrong: number;
  readonly silent: number;
  /** What had been right of trouble that was over. */
  readonly stale: number;
  /** Of what was wrong, what was told as critical; and of what was over, what was told as over. */
  readonly wrongCritical: number;
  readonly toldAsOver: number;
  /** From the first critical second of each trouble until it was told. */
  readonly delays: readonly number[];
  /** Changes of what is on top while what is true stays, but for those that mend it. */
  readonly turns: number;
  readonly log: readonly string[];
};

/** Nobody can know at once. */
export const graceSeconds = 5;
const calmSeconds = 45;
/** From when advice is given until somebody has done it. */
const followedAfterSeconds = 5;

/** What is true in one second. */
type Truth = {
  readonly phase: number;
  /** What is to be said of this trouble, and of it or of one before that is being worked off. */
  readonly own: readonly string[];
  readonly right: readonly string[];
  readonly before: readonly string[];
  readonly forSeconds: number;
};

type Second = {
  readonly truth: Truth;
  readonly isCritical: boolean;
  readonly top: Recommendation | undefined;
};

export const playCourse = ({ setUp }: Course, seed: number): Scored =>
  scoreOf(new Play(setUp(new Random(seed)), seed).seconds());

/** An app whose trouble changes, the advisor that watches it, and perhaps somebody who follows it. */
class Play {
  readonly #planned: Planned;
  readonly #engine: Engine;
  readonly #observer: Observer;
  #memory: Memory = initialMemory;
  #given: { readonly advice: Recommendation; readonly at: number } | undefined;
  #fixed: string | undefined;

  constructor(planned: Planned, seed: number) {
    this.#planned = planned;
    this.#engine = new Engine({ app: appOf(planned), seed });
    this.#observer = new Observer(this.#engine);
  }

  seconds(): readonly Second[] {
    const calm: Phase = { seconds: calmSeconds, right: [], begin: () => undefined };
    let before = calm;
    return [calm, ...this.#planned.phases].flatMap((phase, number) => {
      phase.begin(this.#engine);
      const all = this.#phase(phase, number, before);
      before = phase;
      return all;
    });
  }

  #phase(phase: Phase, number: number, before: Phase): readonly Second[] {
    let left = before.leaves;
    let changed = 0;
    let last = '';
    return Array.from({ length: Math.round(phase.seconds) }, (_, second) => {
      this.#engine.second();
      const view = this.#observer.view();
      if (left !== undefined && !hasPiledUp(this.#engine, left.service)) left = undefined;
      const right = [...phase.right, ...(left?.right ?? [])].filter((one) => one !== this.#fixed);
      if (last !== right.join()) changed = second;
      last = right.join();
      const own = phase.right.filter((one) => one !== this.#fixed);
      const truth = {
        phase: number,
        own,
        right,
        before: before.right,
        forSeconds: second - changed,
      };
      const { recommendations } = this.#look(view);
      return { truth, isCritical: hasCriticalSignal(view), top: recommendations[0] };
    });
  }

  #look(view: View): Advised {
    this.#end(view);
    const advised = advise(this.#memory, view, defaultSettings);
    this.#memory = advised.memory;
    if (this.#planned.isFollowed) this.#follow(advised);
    return advised;
  }

  /** The first advice only: what comes after is another trouble. */
  #follow({ recommendations: [advice] }: Advised): void {
    if (this.#given === undefined) {
      const request = advice && toActionRequest(advice);
      if (advice && request?.kind === 'scale') this.#given = { advice, at: this.#engine.now };
      return;
    }
    const { advice: given, at } = this.#given;
    if (this.#engine.now - at !== followedAfterSeconds * 1_000) return;
    this.#engine.scale(given.service, Number(given.details['suggestedWorkers']));
  }

  #end({ at, services }: View): void {
    if (this.#given === undefined || this.#fixed !== undefined) return;
    const { id: actionId, service, action, details } = this.#given.advice;
    const { workers } = services.find((one) => one.service === service) ?? {};
    if (workers !== Number(details['suggestedWorkers'])) return;
    const recommendation = this.#given.advice;
    const done = { actionId, service, direction: 'up', action, recommendation, at } as const;
    this.#memory = actionDone(this.#memory, done);
    this.#fixed = nameOf(recommendation);
  }
}

/** More requests are there than would be if none waited for a loop. */
const hasPiledUp = (engine: Engine, name: string): boolean => {
  const { pending, service } = engine.member(name);
  const ms = service.steps.reduce((sum, step) => sum + (step.type === 'call' ? 0 : step.ms), 0);
  return pending > 10 + (2 * service.requestsPerSecond * ms) / 1_000;
};

const scoreOf = (all: readonly Second[]): Scored => {
  const score = { wrong: 0, silent: 0, stale: 0, wrongCritical: 0, toldAsOver: 0 };
  const log: string[] = [];
  all.forEach(({ truth, isCritical, top }, index) => {
    if (truth.forSeconds < graceSeconds) return;
    const said = top && nameOf(top);
    const verdict = verdictOn({ truth, said, isCritical });
    if (verdict === 'right') return;
    score[verdict] += 1;
    if (verdict === 'wrong' && top?.severity === 'critical') score.wrongCritical += 1;
    if (verdict === 'stale' && top?.overSince !== undefined) score.toldAsOver += 1;
    log.push(
      `${index} phase ${truth.phase} ${verdict}: ${said ?? 'nothing'}, right ${truth.right.join(' or ')}`,
    );
  });
  return { ...score, seconds: all.length, delays: delaysIn(all), turns: turnsIn(all), log };
};

type Said = Pick<Second, 'truth' | 'isCritical'> & { readonly said: string | undefined };

const verdictOn = ({
  truth: { right, before },
  said,
  isCritical,
}: Said): 'right' | 'wrong' | 'silent' | 'stale' => {
  if (said === undefined) return right.length > 0 && isCritical ? 'silent' : 'right';
  if (right.includes(said)) return 'right';
  return right.length === 0 && before.includes(said) ? 'stale' : 'wrong';
};

const delaysIn = (all: readonly Second[]): readonly number[] =>
  [...Map.groupBy(all, ({ truth }) => truth.phase).values()].flatMap((phase) => {
    const critical = phase.findIndex(
      ({ truth, isCritical }) =>
        isCritical && truth.right.length > 0 && truth.right.length === truth.own.length,
    );
    if (critical < 0) return [];
    const told = phase.findIndex(({ truth, top }) => top && truth.own.includes(nameOf(top)));
    return [told < 0 ? phase.length - critical : Math.max(0, told - critical)];
  });

/** Not those to what is right from what is not. */
const turnsIn = (all: readonly Second[]): number => {
  let turns = 0;
  let before: string | undefined;
  for (const { truth, top } of all) {
    if (top === undefined) continue;
    const said = nameOf(top);
    const isMended = truth.right.includes(said) && !truth.right.includes(before ?? '');
    const isSettled = truth.forSeconds >= graceSeconds;
    if (before !== undefined && before !== said && isSettled && !isMended) turns += 1;
    before = said;
  }
  return turns;
};

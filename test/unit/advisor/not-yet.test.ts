import { expect, test } from 'vitest';
import { Random } from '../../../src/simulator/random.ts';
import { lasting, play, serviceView, splitOf } from '../../helpers/advisor.ts';
import { loaded, nameOf, once, secondsOf } from '../../helpers/scenarios/scenario.ts';

test('programs that fill a large machine are told of, and no worker is asked for first', () => {
  const said = [3, 11, 29].map((seed) => {
    const random = new Random(seed);
    const services = [loaded('api', random, { busy: 0.5, cpuMs: random.between(8, 14) })];
    const trouble = once((engine) => {
      engine.othersCores = random.between(24, 30);
    });
    const all = secondsOf({ services, cores: 8, trouble, troubleSeconds: 12 }, seed);
    return [...new Set(all.flatMap(({ advised }) => advised.recommendations.map(nameOf)))];
  });
  expect(said).toEqual(said.map(() => ['investigate api']));
});

const split = splitOf({ loopWaitMs: 900 });
const slow = { workers: 2, busy: 70, p99: 900, arrivalsPerSecond: 60, split };
const lastSecond = (p99Ms: number) => ({ arrivals: 60, completions: 60, p99Ms });
const calm = lasting(20, serviceView('orders', { arrivalsPerSecond: 60 }));

test('requests that were slow, and are not in this second, are no new case', () => {
  const during = (seconds: number) =>
    lasting(seconds, serviceView('orders', { ...slow, lastSecond: lastSecond(900) }));
  const after = lasting(8, serviceView('orders', { ...slow, lastSecond: lastSecond(20) }));
  expect(play([calm, during(4), after, calm]).opened).toEqual([]);
  expect(play([calm, during(12), after]).opened.map(([, what]) => what)).toEqual([
    'scale_up orders',
  ]);
});

import { expect, test } from 'vitest';
import { Random } from '../../../src/simulator/random.ts';
import {
  asked,
  call,
  cpu,
  io,
  loaded,
  nameOf,
  once,
  type Stage,
  secondsOf,
} from '../../helpers/scenarios/scenario.ts';

const forever = io(1e7);

/** Everything that is said, with its reason as it was at last. */
const saidOf = (stage: Stage, seed: number): ReadonlyMap<string, string> =>
  new Map(
    secondsOf(stage, seed).flatMap(({ advised }) =>
      advised.recommendations.map((one) => [nameOf(one), one.reason] as const),
    ),
  );

test('a database that answers nothing any more is what is waited for, by whoever asks it', () => {
  for (const seed of [1, 2, 3]) {
    const stock = asked('stock', [cpu(1), io(10), cpu(1)]);
    const random = new Random(seed);
    const steps = [cpu(2), call('stock'), cpu(1)];
    const shop = loaded('shop', random, { steps, requestsPerSecond: random.between(15, 40) });
    const trouble = once(() => {
      stock.steps = [cpu(1), forever];
    });
    const said = saidOf({ services: [shop, stock], trouble }, seed);
    expect([...said.keys()]).toEqual(['investigate stock']);
    expect(said.get('investigate stock')).toMatch(
      /100 % of the extra time is spent waiting outside the app, and hardly a request is answered$/,
    );
  }
});

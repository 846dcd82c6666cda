import { describe, expect, test } from 'vitest';
import { learnTail, lineOf, type Tail } from '../../../src/advisor/capacity/tail.ts';
import { waitFactor } from '../../../src/advisor/model/wait.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';

describe('the line through what was seen of P99', () => {
  /** Five minutes of one load, of requests that hold the loop as long as this says. */
  const steady = (held: ServiceView['held'], sliceMs2 = 0, { p99 = 400, outsideMs = 0 } = {}) => {
    let tail: Tail | undefined;
    for (let index = 0; index < 300; index += 1) {
      tail = learnTail(tail, {
        workers: 2,
        load: 1.4,
        demandMs: 10,
        p99: p99 + (index % 7) * 5,
        completions: 140,
        held,
        sliceMs2: sliceMs2 * 140,
      });
    }
    const line = tail && lineOf(tail, 10, outsideMs);
    if (line === undefined) throw new Error('There is no line');
    return line;
  };

  const ofSquares = (meanSquareMs2: number) => steady({ meanMs: 10, meanSquareMs2, visits: 1 });

  test('is as steep as before when nothing but chance was seen, and steeper for unequal requests', () => {
    expect(ofSquares(200).kappa).toBeCloseTo(4);
    expect(ofSquares(100).kappa).toBeCloseTo(2);
    // Twice the mean wait, and the slowest percent of the waits more than twice as long.
    expect(ofSquares(400).kappa).toBeCloseTo(8 * 2 ** 0.6);
    expect(steady(undefined).kappa).toBeCloseTo(4);
  });

  test('counts what the process does around a request as the same for each', () => {
    // Nine of the ten milliseconds, and one that is exponential.
    expect(steady({ meanMs: 1, meanSquareMs2: 2, visits: 1 }).kappa).toBeCloseTo(2.02);
  });

  test('is steeper for requests that come back to a loop that others hold for long', () => {
    const back = { meanMs: 10, meanSquareMs2: 200, visits: 2 };
    expect(steady(back, 200).kappa).toBeGreaterThan(5);
    const inThree = { meanMs: 10, meanSquareMs2: 200, visits: 3 };
    expect(steady(inThree, 200 / 3).kappa).toBeCloseTo(4);
  });

  test('is known by its slope only when different queues were seen', () => {
    expect(ofSquares(200).known).toBeCloseTo(0);
    let tail: Tail | undefined;
    for (let index = 0; index < 300; index += 1) {
      const load = index < 150 ? 0.6 : 1.6;
      const seen = {
        workers: 2,
        load,
        demandMs: 10,
        completions: 100,
        held: undefined,
        sliceMs2: 0,
      };
      tail = learnTail(tail, { ...seen, p99: 60 + 60 * waitFactor(2, load) });
    }
    const line = tail && lineOf(tail, 10);
    expect(line?.known).toBeGreaterThan(0.5);
    expect(line?.kappa).toBeGreaterThan(5);
  });

  const through = ({ kappa, intrinsicP99Ms }: ReturnType<typeof steady>): number =>
    intrinsicP99Ms + kappa * 10 * waitFactor(2, 1.4);

  test('goes through what was seen', () => {
    expect(through(ofSquares(200))).toBeCloseTo(415, 0);
  });

  test('begins no lower than where the slowest are that were outside as long as all others', () => {
    const unequal = { meanMs: 10, meanSquareMs2: 500, visits: 1 };
    const [here, outside] = [0, 100].map(
      (ms) => steady(unequal, 0, { p99: 150, outsideMs: ms }).intrinsicP99Ms,
    );
    expect(outside).toBeGreaterThan((here ?? 0) + 20);
  });

  test('is not flat when less was seen than the slowest requests were thought to take', () => {
    const line = steady({ meanMs: 10, meanSquareMs2: 200, visits: 1 }, 0, { p99: 40 });
    expect(through(line)).toBeCloseTo(55, 0);
    expect(line.kappa).toBeGreaterThan(0);
    expect(line.intrinsicP99Ms).toBeLessThan(49);
  });
});

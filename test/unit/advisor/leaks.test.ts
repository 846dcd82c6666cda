import { describe, expect, test } from 'vitest';
import { play, serviceView } from '../../helpers/advisor.ts';

describe('of several workers', () => {
  const six = (memoryMb: (at: number) => number) =>
    play([
      {
        seconds: 400,
        services: (at) => {
          const largestWorker = { id: 'orders#3', memoryMb: memoryMb(at) };
          const memoryMbPerWorker = (5 * 100 + memoryMb(at)) / 6;
          return [serviceView('orders', { workers: 6, memoryMbPerWorker, largestWorker })];
        },
      },
    ]).last.recommendations[0];

  test('one that is far over its line is told, and which', () => {
    expect(six(() => 3_000)).toMatchObject({
      severity: 'critical',
      reason: expect.stringMatching(
        /^Memory of orders#3 is 3000 MB \(critical at 1024 MB\) for \d+ s$/,
      ),
      details: { memoryMb: 3_000 },
    });
  });
});

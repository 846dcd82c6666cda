import { expect } from 'vitest';
import type { FixedSupervisor } from './supervisor.ts';

/**
 * Resolves when nothing is written any more although snapshots come: Ink itself is loaded a while
 * after the first picture.
 */
export const atRest = async (
  written: () => number,
  supervisor: Pick<FixedSupervisor, 'served'>,
): Promise<void> => {
  const writtenOverFive = async (): Promise<number> => {
    const [before, served] = [written(), supervisor.served()];
    await expect.poll(() => supervisor.served()).toBeGreaterThan(served + 5);
    return written() - before;
  };
  await expect.poll(writtenOverFive).toBe(0);
};

import { expect, test } from 'vitest';
import { Machine } from '../../src/supervisor/metrics/machine.ts';

test('the memory of a machine is known before it was first measured, its CPU is not', () => {
  const { cpu, memoryBytes, memoryUsedBytes } = new Machine().figures;
  expect(cpu).toBeUndefined();
  expect(memoryUsedBytes).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(memoryUsedBytes);
});

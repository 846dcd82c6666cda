import type { Budget } from '../../protocol/allocation.ts';
import { readCpu } from './cpu.ts';
import { readMemory } from './memory.ts';

/** What the app may use of the machine, here and now. */
export const readBudget = (root = '/'): Budget => {
  const cpu = readCpu(root);
  const memory = readMemory(root);
  return {
    cores: cpu.cores,
    coresBound: cpu.bound,
    memoryBytes: memory.limitBytes,
    memoryBound: memory.bound,
  };
};

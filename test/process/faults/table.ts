import { controlFaults } from './control-faults.ts';
import type { Fault } from './fault.ts';
import { layoutChanges } from './layout-changes.ts';
import { stateFaults } from './state-faults.ts';
import { supervisorFaults } from './supervisor-faults.ts';
import { workerFaults } from './worker-faults.ts';

/** One row a fault. To add one, say what is done and what it may cost. */
export const faults: readonly Fault[] = [
  ...workerFaults,
  ...supervisorFaults,
  ...stateFaults,
  ...controlFaults,
  ...layoutChanges,
];

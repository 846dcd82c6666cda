import { buildFaults } from './build-faults.ts';
import { configFaults } from './config-faults.ts';
import { controlFaults } from './control-faults.ts';
import type { Fault } from './fault.ts';
import { layoutChanges } from './layout-changes.ts';
import { serviceFaults } from './service-faults.ts';
import { stateFaults } from './state-faults.ts';
import { supervisorFaults } from './supervisor-faults.ts';
import { workerFaults } from './worker-faults.ts';

export type FaultGroup = { readonly title: string; readonly faults: readonly Fault[] };

/** One row a fault. To add one, say what is done and what it may cost. */
export const faultGroups: readonly FaultGroup[] = [
  { title: 'Workers', faults: workerFaults },
  { title: 'New builds', faults: buildFaults },
  { title: 'Services', faults: serviceFaults },
  { title: 'The supervisor', faults: supervisorFaults },
  { title: 'Files and disk', faults: stateFaults },
  { title: 'The config', faults: configFaults },
  { title: 'Consoles and other clients of the control socket', faults: controlFaults },
  { title: 'What operators do all day', faults: layoutChanges },
];

export const faults: readonly Fault[] = faultGroups.flatMap((group) => group.faults);

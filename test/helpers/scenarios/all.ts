import { burningScenarios } from './burning.ts';
import { callingScenarios } from './calling.ts';
import { failingScenarios } from './failing.ts';
import { graphScenarios } from './graph.ts';
import { idleScenarios } from './idle.ts';
import { loadScenarios } from './load.ts';
import { loopScenarios } from './loop.ts';
import { machineScenarios } from './machine.ts';
import { nothingScenarios } from './nothing.ts';
import type { Scenario } from './scenario.ts';
import { waitingScenarios } from './waiting.ts';

export const scenarios: readonly Scenario[] = [
  ...loadScenarios,
  ...waitingScenarios,
  ...callingScenarios,
  ...failingScenarios,
  ...burningScenarios,
  ...graphScenarios,
  ...loopScenarios,
  ...machineScenarios,
  ...idleScenarios,
  ...nothingScenarios,
];

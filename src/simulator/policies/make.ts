import type { Capacity } from '../capacity.ts';
import type { Setup } from '../setup.ts';
import type { Trace } from '../trace.ts';
import { advisor, settingsFor } from './advisor.ts';
import { hpa } from './hpa.ts';
import { kpa } from './kpa.ts';
import { naive } from './naive.ts';
import { oracle } from './oracle.ts';
import type { Policy, PolicyName } from './policy.ts';
import { watt } from './watt.ts';

export type Steered = {
  readonly trace: Trace;
  readonly setup: Setup;
  readonly capacity: Capacity;
};

/** A fresh policy, which has seen nothing yet. */
export const makePolicy = (name: PolicyName, { trace, setup, capacity }: Steered): Policy => {
  switch (name) {
    case 'advisor':
      return advisor(settingsFor(setup.sloMs));
    case 'hpa':
      return hpa();
    case 'kpa':
      return kpa(setup);
    case 'watt':
      return watt();
    case 'naive':
      return naive();
    case 'oracle':
      return oracle(trace, capacity, setup.startDelayMs);
  }
};

import { initialMemory, type Memory, type Outcome } from '../../src/advisor/memory/memory.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import type { AdviceAction } from '../../src/protocol/advice.ts';
import { instant } from '../../src/protocol/units.ts';
import { scenarios } from '../../test/helpers/scenarios/all.ts';
import { playScenario } from '../../test/helpers/scenarios/scenario.ts';
import { followed } from './followed.ts';

/** One piece of advice, how clear its evidence was, what was said of it, and whether it came true. */
export type Case = {
  readonly name: string;
  readonly action: AdviceAction;
  readonly strength: number;
  readonly confidence: number;
  readonly cameTrue: boolean;
};

type Played = {
  readonly seed: number;
  /** Of each class of what is followed; a third of it of what is named, of which there are more. */
  readonly variants: number;
  /** Also what is not advised as it hardly ever helps. */
  readonly isTrusting?: boolean;
};

/**
 * What adds or takes workers comes true when it helped, by the verdict that the advisor itself gets
 * to, whether it is advised by pressure or by load; everything else when it names what was planted.
 */
export const casesOf = ({ seed, variants, isTrusting = false }: Played): readonly Case[] => {
  const memory = isTrusting ? trusting : initialMemory;
  const asked = followed({ seed, variants, memory, settings: defaultSettings });
  const byLoad = { ...defaultSettings, autoExecute: true };
  const piloted = followed({ seed, variants, memory, settings: byLoad });
  const named = scenarios.flatMap((scenario) =>
    Array.from({ length: Math.ceil(variants / 3) }, (_, variant) => {
      const { advised } = playScenario(scenario, seed * 1_000 + variant, memory);
      return advised.map((one) => ({ name: scenario.name, ...one }));
    }).flat(),
  );
  return [
    ...[...asked, ...piloted].map(({ name, outcome }) => ({ name, ...caseOf(outcome) })),
    ...named.filter(({ action }) => !isSized(action)),
  ];
};

const isSized = (action: AdviceAction): boolean => action === 'scale_up' || action === 'scale_down';

const caseOf = ({ action, strength = 1, confidence = 0, helped }: Outcome) => ({
  action,
  strength,
  confidence,
  cameTrue: helped,
});

/** Workers that were added to another service have helped so far, whatever the evidence. */
const trusting: Memory = {
  ...initialMemory,
  outcomes: Array.from({ length: 400 }, (_, index) => ({
    service: 'other',
    action: 'scale_up',
    helped: true,
    at: instant(0),
    strength: (index % 10) / 10,
  })),
};

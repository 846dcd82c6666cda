import { printAccuracy } from './advisor/accuracy.ts';
import { printConfidence } from './advisor/confidence.ts';
import { printCost } from './advisor/cost.ts';
import { printOnsets } from './advisor/onsets.ts';
import { printPolicies } from './advisor/policies.ts';
import { printScenarios } from './advisor/scenarios.ts';
import { printSteps } from './advisor/steps.ts';
import { printVerdicts } from './advisor/verdicts.ts';

/**
 * The scoreboard of the advisor, without a process of its own: `npm run bench:advisor -- [FOLDER]
 * [SEED]`. The traces of FOLDER, or of FORGE_TRACES, are added to the made-up ones. One part alone
 * by `ONLY=policies`, `steps`, `scenarios`, `onsets`, `accuracy`, `confidence`, `verdicts` or `cost`.
 */
const [folder = process.env['FORGE_TRACES'], seed = '1'] = process.argv.slice(2);

const parts: Readonly<Record<string, () => void>> = {
  cost: printCost,
  scenarios: () => printScenarios(Number(seed)),
  onsets: () => printOnsets(Number(seed)),
  accuracy: () => printAccuracy(Number(seed)),
  confidence: () => printConfidence(Number(seed)),
  verdicts: () => printVerdicts(Number(seed)),
  steps: () => printSteps(Number(seed)),
  policies: () => printPolicies(folder, Number(seed)),
};

const only = process.env['ONLY'];
for (const [name, print] of Object.entries(parts)) {
  if (only === undefined || only.split(',').includes(name)) print();
}

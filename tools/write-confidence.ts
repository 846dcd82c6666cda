import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesOf } from '../bench/advisor/cases.ts';
import { adviceActions } from '../src/protocol/advice.ts';
import { dividedBy } from './divide-evidence.ts';

/**
 * Plays the cases that confidence is known from, which takes some minutes, and writes how many came
 * true. `npm run bench:advisor` holds what is said with that against others of the same classes.
 */
const seeds = [1, 2];
const variants = 30;

const file = join(import.meta.dirname, '../src/advisor/model/evidence-bins.ts');
const cases = seeds.flatMap((seed) => casesOf({ seed, variants, isTrusting: true }));
const rows = adviceActions.map((action) => {
  const bins = dividedBy(cases.filter((one) => one.action === action)).map(
    (bin) => `{ from: ${bin.from}, cases: ${bin.cases}, cameTrue: ${bin.cameTrue} }`,
  );
  const [only = '', ...others] = bins;
  if (others.length === 0) return `  ${action}: [${only}],`;
  return [`  ${action}: [`, ...bins.map((bin) => `    ${bin},`), '  ],'].join('\n');
});
const source = readFileSync(file, 'utf8');
const begin = source.indexOf('{\n', source.indexOf('export const evidenceBins'));
const end = source.indexOf('} as const satisfies');
writeFileSync(
  file,
  [source.slice(0, begin), '{\n', rows.join('\n'), '\n', source.slice(end)].join(''),
);

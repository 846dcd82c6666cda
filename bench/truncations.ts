/**
 * Cuts each file that a supervisor starts with off at every byte, and sees that it is set aside, told,
 * and gone on without; prints how often, and how long one start with it took.
 */
import { cutJournal, cutRunFile, runFileNames } from '../test/helpers/truncations.ts';

const report = (name: string, cut: (check: (isTold: boolean) => void) => number): void => {
  let missed = 0;
  const startedAt = performance.now();
  const cuts = cut((isTold) => {
    if (!isTold) missed += 1;
  });
  const each = (performance.now() - startedAt) / cuts;
  process.stdout.write(
    `${name.padEnd(28)} ${String(cuts).padStart(7)} cuts  ${missed} missed  ${each.toFixed(2)} ms each\n`,
  );
  if (missed > 0) process.exitCode = 1;
};

for (const name of runFileNames) {
  report(name, (check) =>
    cutRunFile(name, 1, ({ told, aside }, { rest }) =>
      check(told.length === 1 && (aside[0]?.equals(rest) ?? false)),
    ),
  );
}
for (const wal of [false, true]) {
  report(`state.db${wal ? ', with its log' : ''}`, (check) =>
    cutJournal('state.db', { step: 1, wal }, ({ told, aside }, rest) =>
      check(told.length === 1 && aside.some((one) => one.equals(rest))),
    ),
  );
}
report('state.db-wal', (check) =>
  cutJournal('state.db-wal', { step: 1, wal: true }, ({ state, told }) => {
    const { known, kept } = state as { readonly known: number; readonly kept: number };
    check(told.length === 0 && kept === known + 1);
  }),
);

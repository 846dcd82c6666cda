import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their figures decide what happens: these need a calm machine, which two of them leave it. */
const calm = ['test/cli/advise.test.ts', 'test/process/autopilot.test.ts'];
/** And this one has all of it under load. */
const alone = ['test/console/loop.test.ts'];

/** Long for their size, by which the others are sorted: begun last, they would end long after all others. */
const longest = [
  'faults/soak.test.ts',
  'faults/faults.test.ts',
  'faults/operators.test.ts',
  'advisor/scenarios.test.ts',
  'process/replacement.test.ts',
  'process/stop-orphans.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      longest.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/helpers/no-leaks.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A loaded machine is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    // More than the machine has cores: most tests wait for processes.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, ...calm, ...alone],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'calm', include: calm, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, sequence: { groupOrder: 2 } },
      },
    ],
  },
});

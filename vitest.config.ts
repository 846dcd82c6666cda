import { configDefaults, defineConfig } from 'vitest/config';

/** What needs the machine for itself, because its figures decide what happens. */
const alone = [
  'test/console/loop.test.ts',
  'test/cli/advise.test.ts',
  'test/process/autopilot.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/no-leaks.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A loaded machine is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, ...alone],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { claimRunDir } from '../../src/supervisor/succession/claim.ts';

const program = join(import.meta.dirname, '../fixtures/processes/claims-run-dirs.ts');

type Claimant = AsyncDisposable & {
  readonly pid: number;
  readonly claim: (directory: string) => Promise<string>;
  readonly giveBack: () => void;
};

const startClaimant = (): Claimant => {
  const child: ChildProcess = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [input, output] = [child.stdin, child.stdout];
  if (input === null || output === null) throw new Error('it has no pipes');
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    claim: async (directory) => {
      input.write(`${directory}\n`);
      return String((await lines.next()).value);
    },
    giveBack: () => input.write('\n'),
    [Symbol.asyncDispose]: async () => {
      input.end();
      await once(child, 'exit');
    },
  };
};

const folder = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'forge-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
};

test('of two supervisors that start at the same moment one runs, and the other names it, a hundred times of a hundred [B8]', async () => {
  using place = folder();
  await using one = startClaimant();
  await using other = startClaimant();
  const outcomes = new Map<string, number>();
  for (let time = 0; time < 100; time += 1) {
    const directory = join(place.path, String(time));
    const both = await Promise.all([one.claim(directory), other.claim(directory)]);
    const outcome = both
      .map((said) => said.replaceAll(`${one.pid}`, 'one').replaceAll(`${other.pid}`, 'other'))
      .join(', ');
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    one.giveBack();
    other.giveBack();
  }
  const refusal = 'shop is already running under supervisor';
  expect([...outcomes.keys()].toSorted()).toEqual([
    `claimed, ${refusal} one`,
    `${refusal} other, claimed`,
  ]);
});

test('who cannot find out which supervisor runs says that one does', async () => {
  using place = folder();
  using _claim = await claimRunDir(place.path, { app: 'shop' });
  writeFileSync(runFiles.owner(place.path), '\0\0\0');
  await using other = startClaimant();
  expect(await other.claim(place.path)).toBe('shop is already running');
});

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

const holdingForeign = [
  'holds a file of another user',
  'w1.process.json in it belongs to another user',
  (directory: string): string => {
    const file = join(directory, 'w1.process.json');
    writeFileSync(file, '{}');
    chownSync(file, nobody, nobody);
    return directory;
  },
] as const;

const unsafe: readonly (readonly [string, string, (directory: string) => string])[] = [
  [
    'is a link',
    'it is no directory',
    (directory) => {
      symlinkSync(tmpdir(), join(directory, 'run'));
      return join(directory, 'run');
    },
  ],
  [
    'belongs to another user',
    'it belongs to another user',
    (directory) => {
      if (!isRoot) return '/usr';
      chownSync(directory, nobody, nobody);
      return directory;
    },
  ],
  // Only root can give a file away.
  ...(isRoot ? [holdingForeign] : []),
];

test.for(unsafe)('a run directory that %s is refused [C5]', async ([, problem, make]) => {
  using place = folder();
  const directory = make(place.path);
  await expect(claimRunDir(directory, { app: 'shop' })).rejects.toMatchObject({
    code: 'RUN_DIR_UNSAFE',
    message: expect.stringContaining(problem),
  });
});

test('into a run directory that was open to everybody nobody else gets from then on [C5]', async () => {
  using place = folder();
  chmodSync(place.path, 0o777);
  using _claim = await claimRunDir(place.path, { app: 'shop' });
  expect(statSync(place.path).mode & 0o777).toBe(0o700);
});

import { describe, expect, test } from 'vitest';
import { type Bytes, megabytes } from '../../src/protocol/units.ts';
import { memoryVerdict } from '../../src/supervisor/care/memory-line.ts';
import { exitReason } from '../../src/supervisor/process/exit-reason.ts';
import {
  heapFlags,
  heapFlagsWithin,
  memoryLimitOf,
} from '../../src/supervisor/process/memory-limit.ts';

const limit = megabytes(500);

/** Samples of one process with this many MB resident. */
const resident = (...sizes: readonly number[]) =>
  sizes.map((size) => ({ rssBytes: megabytes(size), heapUsedBytes: megabytes(50) }));

describe('what is done about the memory of a worker', () => {
  test.each([
    ['nothing without a sample', [], undefined],
    ['nothing below the soft line', [100, 300, 449, 450], undefined],
    ['nothing about a moment over the soft line', [300, 460], undefined],
    ['nothing when it came down again', [300, 460, 440], undefined],
    ['a replacement when it stays over the soft line', [300, 460, 470], 'replace'],
    ['nothing when it was never below: the next one would be there at once', [460, 465], undefined],
    ['nothing about a moment over the limit', [300, 510], undefined],
    ['a replacement while it rises over the limit', [300, 460, 510], 'replace'],
    ['its end when it stays over the limit', [300, 510, 520], 'kill'],
    ['its end also when it was never below', [510, 520], 'kill'],
  ])('%s', (_name, sizes, action) => {
    expect(memoryVerdict(resident(...sizes), limit)?.action).toBe(action);
  });

  test('the reason names the figure and the line', () => {
    const reasons = [
      [300, 460, 470],
      [510, 520],
    ].map((sizes) => memoryVerdict(resident(...sizes), limit)?.reason);
    expect(reasons).toEqual([
      'memory of 470 MB is over 90 % of its limit of 500 MB',
      'memory of 520 MB is over its limit of 500 MB',
    ]);
  });

  test('buffers that were swapped out count, and those that are resident count once', () => {
    const sample = (rss: number, external: number) => ({
      rssBytes: megabytes(rss),
      heapUsedBytes: megabytes(100),
      externalBytes: megabytes(external),
    });
    const swapped = [sample(90, 10), sample(90, 360), sample(90, 370)];
    const inside = [sample(300, 10), sample(440, 340), sample(440, 340)];
    expect(memoryVerdict(swapped, limit)?.action).toBe('replace');
    expect(memoryVerdict(inside, limit)).toBeUndefined();
  });
});

describe('the heap of a worker', () => {
  const sizes = (flags: readonly string[]): readonly number[] =>
    flags.map((flag) => Number(flag.split('=')[1]));

  test.each([
    [96, 23, 3],
    [128, 52, 4],
    [512, 400, 16],
    [2_048, 1_936, 16],
  ])('of %i MB is %i MB, with %i MB for young objects', (size, heap, semiSpace) => {
    expect(heapFlags(megabytes(size))).toEqual([
      `--max-old-space-size=${heap}`,
      `--max-semi-space-size=${semiSpace}`,
    ]);
  });

  test.each([96, 128, 256, 512, 1_024, 4_096])('of %i MB leaves room for Node', (size) => {
    const [heap = 0, semiSpace = 0] = sizes(heapFlags(megabytes(size)));
    expect(heap + 3 * semiSpace + 64).toBeLessThanOrEqual(size);
  });

  test('is that of the largest limit in the group, and no larger than there is', () => {
    const group = [{ memoryLimit: megabytes(256) }, {}, { memoryLimit: megabytes(512) }];
    expect(memoryLimitOf(group)).toBe(megabytes(512));
    expect(memoryLimitOf(group, megabytes(300))).toBe(megabytes(300));
    expect(memoryLimitOf([{}], megabytes(300))).toBeUndefined();
  });

  test.each([
    ['a container of 256 MB', megabytes(256), [168, 8]],
    ['a container of 64 GB', megabytes(65_536), []],
    ['no container', undefined, []],
  ] as const)(
    "without a limit in %s is V8's choice where that fits",
    (_name, available, expected) => {
      const room: { available: Bytes | undefined; unlimitedHeap: Bytes } = {
        available,
        unlimitedHeap: megabytes(4_288),
      };
      expect(sizes(heapFlagsWithin(undefined, room))).toEqual(expected);
      expect(heapFlagsWithin(limit, room)).toEqual(heapFlags(limit));
    },
  );
});

describe('why a process ended', () => {
  const farewell =
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n-----';

  test.each([
    ['its heap was full', { signal: 'SIGABRT', output: farewell }, 'out of memory (heap)'],
    ['told by a shell', { code: 134, output: farewell }, 'out of memory (heap)'],
    ['adopted', { code: 'unseen', output: farewell }, 'out of memory (heap)'],
    [
      'the kernel wanted its memory',
      { signal: 'SIGKILL', output: '', hasKernelKilled: true },
      'out of memory (kernel)',
    ],
    ['somebody ended it', { signal: 'SIGTERM', output: 'listening on 3999' }, 'SIGTERM'],
    ['it gave up', { code: 3, output: 'no licence' }, 'exit code 3: no licence'],
    ['somebody killed it', { signal: 'SIGKILL', output: '', hasKernelKilled: false }, 'SIGKILL'],
    [
      'the kernel killed another one',
      { code: 1, output: 'Error: x: y', hasKernelKilled: true },
      'exit code 1: Error: x: y',
    ],
    [
      'it only spoke of a full heap',
      { code: 1, output: 'Error: JavaScript heap out of memory' },
      'exit code 1: Error: JavaScript heap out of memory',
    ],
    [
      'a heap was full long ago',
      { code: 'unseen', output: `${farewell}\n${'a line\n'.repeat(2_000)}` },
      'exit code unseen',
    ],
    [
      'adopted, after an error',
      { code: 'unseen', output: 'Error: x: y\n    at a.js:1\nlistening' },
      'exit code unseen: Error: x: y',
    ],
    [
      'nobody caught what it threw',
      {
        code: 1,
        output: 'file:///app/a.ts:2\nconst b = = 2;\n          ^\n\nSyntaxError: Bad: =\n',
      },
      'exit code 1: SyntaxError: Bad: = (/app/a.ts:2)',
    ],
    [
      'it aborted',
      {
        signal: 'SIGABRT',
        output: `listening on 80
----- Native stack trace -----

 1: 0x931db0  [node]

----- JavaScript stack trace -----

1: abort (node:internal/process:3:1)
2: boom (file:///app/a.mjs:2:27)
3: file:///app/a.mjs:3:18
`,
      },
      'SIGABRT: in boom (/app/a.mjs:2:27)',
    ],
    ['it crashed', { signal: 'SIGSEGV', output: '' }, 'SIGSEGV'],
    ['it was done', { code: 0, output: 'bye' }, 'exit code 0'],
    [
      'it found nothing to read',
      { code: 0, output: '', isShort: true },
      'exit code 0: it has to run on, and its stdin is empty (what it reads, give it as a file)',
    ],
  ])('%s', (_name, exit, reason) => {
    expect(exitReason(exit)).toBe(reason);
  });
});

import { expect, test, vi } from 'vitest';
import { megabytes } from '../../src/protocol/units.ts';
import { MemoryReturn, startMemoryReturn } from '../../src/supervisor/memory-return.ts';

type Process = { readonly mb: number; readonly takesMs: number; readonly waitsMs?: number };

/** A process that has so much, of which this can be collected, in so many ms of a core. */
const processWith = ({ mb, takesMs, waitsMs = 0 }: Process) => {
  const seen = { mb, at: 0, used: 0, collections: 0 };
  const memory = new MemoryReturn({
    resident: () => megabytes(seen.mb),
    collect: async () => {
      seen.mb = mb;
      seen.at += takesMs + waitsMs;
      seen.used += takesMs;
      seen.collections += 1;
    },
    now: () => seen.at,
    used: () => seen.used,
  });
  const after = async (seconds: number, grownMb: number): Promise<number> => {
    seen.at += seconds * 1_000;
    seen.mb += grownMb;
    await memory.look();
    return seen.collections;
  };
  return { after };
};

test('what a start leaves is given back, and then only what is worth a collection', async () => {
  const { after } = processWith({ mb: 70, takesMs: 50 });
  expect(await after(60, 5)).toBe(1);
  expect(await after(60, 1)).toBe(1);
  expect(await after(60, 1)).toBe(2);
  expect(await after(60, 0)).toBe(2);
});

test('collections take a thousandth of the time at most', async () => {
  const { after } = processWith({ mb: 70, takesMs: 300 });
  expect(await after(60, 5)).toBe(1);
  for (let minute = 1; minute < 5; minute += 1) expect(await after(60, 5)).toBe(1);
  expect(await after(60, 0)).toBe(2);
});

test('a collection that waited for a core has not taken it', async () => {
  const { after } = processWith({ mb: 70, takesMs: 50, waitsMs: 5_000 });
  expect(await after(60, 5)).toBe(1);
  expect(await after(60, 5)).toBe(2);
});

test('a process that cannot find out how large it is goes on', async () => {
  vi.useFakeTimers();
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw new Error('EMFILE');
  });
  try {
    startMemoryReturn();
    // Rejected by nobody's hand, it would end this process.
    await vi.advanceTimersByTimeAsync(61_000);
    expect(rss).toHaveBeenCalled();
  } finally {
    rss.mockRestore();
    vi.useRealTimers();
  }
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ProcessMeter } from '../../src/sdk/rpc/meters/process-meter.ts';

test('a sample says what the collector took of its period, and the next one does not say it again', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const meter = new ProcessMeter();
  const took: number[] = [];
  collect();
  // The engine tells of it a little later.
  await expect
    .poll(() => {
      took.push(meter.take([]).gcMs ?? 0);
      return took.at(-1);
    })
    .toBeGreaterThan(0);
  const [told = 0] = took.splice(-1);
  await expect.poll(() => meter.take([]).gcMs).toBeLessThan(told);
});

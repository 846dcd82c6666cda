import { describe, expect, test } from 'vitest';
import { settingsOf } from '../../../src/advisor/settings.ts';
import { calm, lasting, lonely, minutes, play, splitOf } from '../../helpers/advisor.ts';

const usual = calm(lonely('orders'));
const saidOf = (autoExecute: boolean, given: Parameters<typeof lonely>[1]): readonly string[] => {
  const settings = settingsOf({ scaling: { autoExecute } });
  const spinning = lonely('orders', { busyPerWorker: [100], cpuPerWorker: 100, ...given });
  const { opened } = play([usual, lasting(minutes(2), spinning)], { settings });
  return opened.map(([, what]) => what);
};

const nobody = { arrivalsPerSecond: 0, completionsPerSecond: 0 };
const few = { arrivalsPerSecond: 0.5, split: splitOf({ cpuMs: 3 }) };

describe.each([false, true])('with an autopilot that may scale: %s,', (autoExecute) => {
  test.each([
    ['nobody asks', nobody],
    ['hardly anybody asks', few],
  ] as const)('a loop that is full while %s needs no worker more', (_name, given) => {
    expect(saidOf(autoExecute, given)).toEqual(['investigate orders']);
  });
});

test('requests that fill it, or one that takes long, are asked for', () => {
  const filling = { ...few, split: splitOf({ cpuMs: 1_900 }) };
  expect(saidOf(false, filling)).toEqual(['scale_up orders']);
  expect(saidOf(false, { ...nobody, pending: 1 })).toEqual(['scale_up orders']);
});

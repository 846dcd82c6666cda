import { describe, expect, test } from 'vitest';
import { settingsOf } from '../../../src/advisor/settings.ts';
import {
  calm,
  lasting,
  play,
  quarter,
  saidBy,
  saturated,
  serviceView,
} from '../../helpers/advisor.ts';

const usual = calm(serviceView('orders'));

test('a service that waits for a core while cores are idle is held back by a limit', () => {
  const throttled = quarter(saturated('orders', { starvation: 0.6 }));
  const { opened, last } = play([usual, { ...throttled, cpu: 30 }]);
  expect(opened.map(([, what]) => what)).toEqual(['investigate orders']);
  expect(last.recommendations[0]?.reason).toContain(
    'its process waits for a core 60 % of the time, though 5.6 of 8 cores are idle',
  );
});

test('a moment in which it waits for one is no limit', () => {
  const busy = lasting(20, saturated('orders'));
  const moment = lasting(2, saturated('orders', { starvation: 0.6 }));
  const { opened } = play([usual, busy, moment, busy].map((scene) => ({ ...scene, cpu: 30 })));
  expect(opened.map(([, what]) => what)).toEqual(['scale_up orders']);
});

test('nor does the autopilot add workers for the load of a service that is held back', () => {
  const throttled = lasting(30, saturated('orders', { workers: 4, starvation: 0.6 }));
  const settings = settingsOf({ scaling: { autoExecute: true } });
  const { last } = play([usual, { ...throttled, cpu: 30 }], { settings });
  expect(saidBy(last)).toEqual(['investigate orders']);
  expect(last.recommendations[0]?.reason).toContain('a limit holds it back');
});

describe('a quota that bursts use up, though much of it is left on average,', () => {
  const quota = { cores: 1.5, cpu: 75 };
  const before = { ...usual, ...quota, throttled: 0 };
  const bursts = lasting(30, saturated('orders', { busy: 88, starvation: 0.2 }));

  test('is named', () => {
    const { opened, last } = play([before, { ...bursts, ...quota, throttled: 0.8 }]);
    expect(opened.map(([, what]) => what)).toEqual(['investigate orders']);
    expect(last.recommendations[0]?.reason).toContain(
      'waits for a core 20 % of the time: the CPU quota of 1.5 cores is used up in 80 % of its periods',
    );
  });

  test('keeps the autopilot from adding workers in the first second', () => {
    const settings = settingsOf({ scaling: { autoExecute: true } });
    const first = lasting(30, saturated('orders', { busy: 88, starvation: 0.6 }));
    const { opened } = play([before, { ...first, ...quota, throttled: 0.8 }], { settings });
    expect(opened.map(([, what]) => what)).toEqual(['investigate orders']);
  });

  test('is none that is hardly ever used up', () => {
    const { opened } = play([before, { ...bursts, ...quota, throttled: 0.1 }]);
    expect(opened.map(([, what]) => what)).toEqual(['scale_up orders']);
  });
});

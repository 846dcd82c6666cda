import { expect, test } from 'vitest';
import { calm, lasting, play, saturated, serviceView } from '../../helpers/advisor.ts';

const usual = calm(serviceView('orders'));
const kinds = (given: Parameters<typeof saturated>[1]) =>
  play([usual, lasting(12, saturated('orders', { arrivalsPerSecond: 40, ...given }))]).opened.map(
    ([, what]) => what,
  );

test('a service whose full loop answers nothing is stuck, and needs no worker more', () => {
  expect(kinds({ completionsPerSecond: 0 })).toEqual(['investigate orders']);
});

test('one that is overloaded answers as fast as it can', () => {
  expect(kinds({ completionsPerSecond: 2 })).toEqual(['scale_up orders']);
});

import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import {
  currentAdvice,
  initialState,
  reordered,
  said,
  selectedService,
  visibleServices,
  withSnapshot,
} from '../../src/tui/state/state.ts';
import { investigate, rush, scaleUp, twice } from './shop.ts';

const start = withSnapshot(initialState(false), rush);

const withServices = (names: readonly string[]): Snapshot => {
  const services = rush.status.services.filter(({ name }) => names.includes(name));
  return { ...rush, status: { ...rush.status, services } };
};

test('the first snapshot selects the first service and the first recommendation', () => {
  expect(selectedService(start)?.name).toBe('gateway');
  expect(currentAdvice(start)).toBe(scaleUp);
});

test('a service stays selected when others come before it or go', () => {
  const state = { ...start, selected: 5 };
  const fewer = withSnapshot(state, withServices(['users', 'orders', 'mailer']));
  expect(selectedService(fewer)?.name).toBe('orders');
  expect(selectedService(withSnapshot(fewer, rush))?.name).toBe('orders');
});

test('when the selected service is gone, its neighbour is selected', () => {
  const gone = withSnapshot({ ...start, selected: 7 }, withServices(['gateway', 'users']));
  expect(selectedService(gone)?.name).toBe('users');
});

test('a recommendation that was read stays the current one when a worse one comes first', () => {
  const recommendations = [investigate];
  const reading = withSnapshot(start, { ...rush, advice: { ...rush.advice, recommendations } });
  expect(currentAdvice(reading)).toBe(investigate);
  expect(currentAdvice(withSnapshot(reading, twice))).toBe(investigate);
});

test.each([
  ['config', 'gateway'],
  ['severity', 'orders'],
  ['cpu', 'orders'],
  ['p99', 'orders'],
  ['pending', 'orders'],
] as const)('sorted by %s, %s is first', (sort, first) => {
  expect(visibleServices({ ...start, sort })[0]?.name).toBe(first);
});

test('a filter that hides the selected service selects the first in view', () => {
  const filtered = reordered({ ...start, selected: 5 }, { filter: 'er' });
  expect(visibleServices(filtered).map(({ name }) => name)).toEqual(['users', 'orders', 'mailer']);
  expect(selectedService(filtered)?.name).toBe('orders');
  expect(selectedService(reordered(filtered, { filter: 'mail' }))?.name).toBe('mailer');
});

test('what was said makes way after ten snapshots', () => {
  let state = said(start, 'done');
  for (let count = 0; count < 10; count += 1) state = withSnapshot(state, rush);
  expect(state.notice).toBe('done');
  expect(withSnapshot(state, rush).notice).toBe('');
});

import { expect, test } from 'vitest';
import { toBoard } from '../../src/tui/charts/figures.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { baking } from './shop.ts';
import { looking, typed } from './typed.ts';

const size = { columns: 120, rows: 40 };
const open = looking(baking, { selected: 5 });
const screen = (state: typeof open) =>
  screenRows(state, size, { ascii: false, color: false }).join('\n');

test('while a reload bakes, the workers it has replaced are counted apart, and why is said', () => {
  expect(screen(open)).toMatch(/orders +- +1\+1 .*\+1 standby/);
  expect(screen(typed(open, 'enter').state)).toContain('1 worker +1 standby');
  expect(screen(typed(open, 'enter', '2').state)).toMatch(/orders#1 .* standby/);
  expect(toBoard(baking).topology).toContain('orders ×1 +1 standby');
});

test('one worker more is one more than serve, whoever is kept at hand', () => {
  expect(typed(open, '+').effects).toEqual([
    { type: 'plan', targets: [{ request: { kind: 'scale', service: 'orders', workers: 2 } }] },
  ]);
  expect(typed(open, '-').state.notice).toBe('-: a service has at least one worker');
});

import { expect, test } from 'vitest';
import { screenRows } from '../../src/tui/screens/screen.ts';
import type { State } from '../../src/tui/state/state.ts';
import { explanation, slow } from './depths.ts';
import { helped, plan, rush, scaleUp } from './shop.ts';
import { looking, typed } from './typed.ts';

const theme = { ascii: false, color: false };
const snapshot = { ...rush, actions: [helped] };
const planned = { type: 'plan', items: [{ plan, recommendation: scaleUp }], apply: false } as const;

/** The rows of edges at a width, upper and lower ones. */
const edgesOf = (state: State, columns: number): readonly string[] =>
  screenRows({ ...state, isSmall: columns < 80 }, { columns, rows: 24 }, theme).filter((row) =>
    /^[╭╰]/.test(row),
  );

const widths = Array.from({ length: 121 }, (_, index) => 40 + index);

test.each<readonly [string, State]>([
  ['a plan', looking(snapshot, { dialog: planned })],
  ['a plan that is only read', looking(snapshot, { dialog: { ...planned, isDry: true } })],
  ['a menu', typed(looking(snapshot), 's').state],
  ['what is advised', looking(snapshot, { pane: 1 })],
  ['why', looking(snapshot, { dialog: { type: 'why', explanation, from: 0 } })],
  ['slow calls', looking(snapshot, { dialog: { type: 'slow', slow, from: 0 } })],
])('the keys in the lower edge of %s are whole words, however narrow it is', (_what, state) => {
  for (const width of widths) {
    const edges = edgesOf(state, width).filter((row) => row.startsWith('╰'));
    expect(edges.length, `${width} columns`).toBeGreaterThan(0);
    expect(edges.join('\n'), `${width} columns`).not.toContain('…');
  }
});

test('what a plan changes and what is advised are read in full from 45 columns on', () => {
  for (const width of widths) {
    const [upper = ''] = edgesOf(looking(snapshot, { dialog: planned }), width).slice(-2);
    expect(upper, `${width} columns`).toContain('Scale orders from 1 to 2 workers');
  }
  for (const width of widths.slice(5)) {
    const [upper] = edgesOf(looking(snapshot, { pane: 1 }), width);
    expect(upper, `${width} columns`).toContain('scale_up orders 1 → 2 workers ');
  }
});

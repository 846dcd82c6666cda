import { expect, test } from 'vitest';
import type { Action } from '../../src/protocol/action.ts';
import { undoOffers } from '../../src/supervisor/actions/undo-offers.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const useless = {
  predicted: {},
  actual: { cpu: 20, latencyP99Ms: 900 },
  helped: false,
  because: 'P99 went from 910 ms to 900 ms',
};

const action = (id: string, given: Partial<Action> = {}): Action => ({
  id,
  kind: 'scale',
  service: 'orders',
  by: { uid: 0, user: 'ada', tty: '', origin: 'cli' },
  why: '',
  from: { group: 'orders', workers: 1 },
  to: { group: 'orders', workers: 2 },
  status: 'done',
  startedAt: '2026-11-22T09:58:00Z',
  finishedAt: '2026-11-22T09:58:01Z',
  failedRequests: 0,
  verification: useless,
  undo: `forge undo ${id}`,
  ...given,
});

test('what did not help is offered to be taken back', () => {
  expect(undoOffers([action('a')], now)).toEqual([
    {
      action: 'a',
      kind: 'scale',
      service: 'orders',
      because: 'P99 went from 910 ms to 900 ms',
      command: 'forge undo a',
    },
  ]);
});

const { undo: _none, ...final } = action('a');
const rows: readonly (readonly [string, readonly Action[]])[] = [
  ['helped', [action('a', { verification: { ...useless, helped: true } })]],
  ['cannot be told', [action('a', { verification: { ...useless, inconclusive: true } })]],
  ['was taken back', [action('a', { status: 'undone' })]],
  ['cannot be taken back', [final]],
  ['is not the last on its service', [final, action('b')]],
  ['was long ago', [action('a', { finishedAt: '2026-11-22T09:20:00Z' })]],
];
test.each(rows)('what %s is not', (_name, actions) => {
  expect(undoOffers(actions, now)).toEqual([]);
});

test('a dismissal since does not withdraw the offer', () => {
  const { verification: _one, undo: _two, ...rest } = action('b', { kind: 'dismiss' });
  expect(undoOffers([rest, action('a')], now)).toHaveLength(1);
});

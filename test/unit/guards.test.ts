import { describe, expect, test } from 'vitest';
import type { ServiceView, View } from '../../src/advisor/view.ts';
import type { Action, ActionRequest, Guard } from '../../src/protocol/action.ts';
import { defaultThresholds } from '../../src/protocol/thresholds.ts';
import { instant, percent } from '../../src/protocol/units.ts';
import { guardsOf } from '../../src/supervisor/actions/guards.ts';
import type { Move } from '../../src/supervisor/actions/moves.ts';
import { scaled } from '../console/shop.ts';

const orders: ServiceView = {
  service: 'orders',
  group: 'orders',
  colocatedWith: [],
  workers: 2,
  minWorkers: 1,
  maxWorkers: 4,
  youngestMs: 100_000,
  busyPerWorker: [percent(50), percent(50)],
  cpuPerWorker: percent(50),
  starvation: 0,
  arrivalsPerSecond: 100,
  completionsPerSecond: 100,
  errorRate: 0,
  latencyMs: { p50: 5, p90: 6, p99: 7, max: 8 },
  split: { cpuMs: 4, loopWaitMs: 1, externalMs: 0, downstreamMs: { billing: 1 } },
  slices: { perSecond: 100, maxMs: 4, sumOfSquaresMs2PerSecond: 1_600 },
  pending: 1,
  memoryMbPerWorker: 100,
};
const viewOf = (
  given: Partial<ServiceView> = {},
  machine: Partial<View['machine']> = {},
): View => ({
  at: instant(0),
  machine: { cores: 4, cpu: percent(40), memoryFreeBytes: 4 * 1_024 ** 3, ...machine },
  services: [{ ...orders, ...given }],
});

const scaleTo = (workers: number): readonly [ActionRequest, Move] => [
  { kind: 'scale', service: 'orders', workers },
  {
    from: { group: 'orders', workers: 2 },
    to: { group: 'orders', workers },
    steps: [{ group: 'orders', services: ['orders'], workers }],
    touches: ['orders'],
  },
];
const against = (
  [request, move]: readonly [ActionRequest, Move],
  view: View | undefined,
  actions: readonly Action[] = [],
): readonly string[] =>
  guardsOf(request, move, { view, thresholds: defaultThresholds, actions })
    .filter(({ isAgainst }: Guard) => isAgainst)
    .map(({ text }) => text);

test('what was looked at is told, and nothing stands against a worker more where there is room', () => {
  const known = { view: viewOf(), thresholds: defaultThresholds, actions: [] };
  expect(guardsOf(...scaleTo(3), known)).toEqual([
    { text: 'no action of the last minutes is still being measured', isAgainst: false },
    { text: 'orders may have 1 to 4 workers, and gets 3', isAgainst: false },
    { text: 'each worker gets about 33 % CPU of what there is now', isAgainst: false },
  ]);
});

describe('what stands against a change of the layout is told', () => {
  const cases: Readonly<Record<string, readonly [readonly [ActionRequest, Move], View, string]>> = {
    'workers that would be too few': [
      scaleTo(1),
      viewOf(),
      'each worker gets about 100 % CPU of what there is now',
    ],
    'a machine that is full': [
      scaleTo(3),
      viewOf({}, { cpu: percent(97) }),
      'the machine is at 97 %: new workers take from the old ones',
    ],
    'memory that is not there': [
      scaleTo(4),
      viewOf({}, { memoryFreeBytes: 150 * 1_024 ** 2 }),
      'it takes about 200 MB, and 150 MB are free',
    ],
    'a dependency that it waits for': [
      scaleTo(3),
      viewOf({ split: { ...orders.split, downstreamMs: { billing: 45, users: 1 } } }),
      'orders waits 88 % of its time for billing, as it will then',
    ],
    'a database that it waits for': [
      scaleTo(3),
      viewOf({ split: { ...orders.split, externalMs: 60 } }),
      'orders waits 91 % of its time for something outside of the app, as it will then',
    ],
  };

  test.for(Object.entries(cases))('%s', ([, [change, view, text]]) => {
    expect(against(change, view)).toEqual([text]);
  });

  test('an action whose effect is not known yet', () => {
    const finishedAt = new Date(Date.now() - 19_000).toISOString();
    const justScaled: Action = { ...scaled, finishedAt };
    const text = 'the effect of scale orders is still being measured';
    expect(against(scaleTo(3), viewOf(), [justScaled])).toEqual([text]);
    const verification = { predicted: {}, actual: { cpu: 50, latencyP99Ms: 7 }, helped: true };
    expect(against(scaleTo(3), viewOf(), [{ ...justScaled, verification }])).toEqual([]);
    expect(against(scaleTo(3), viewOf(), [{ ...justScaled, service: 'other' }])).toEqual([]);
  });

  test('nothing of what only more workers would meet, when there will be fewer', () => {
    const view = viewOf({ cpuPerWorker: percent(10) }, { cpu: percent(97), memoryFreeBytes: 0 });
    expect(against(scaleTo(1), view)).toEqual([]);
  });
});

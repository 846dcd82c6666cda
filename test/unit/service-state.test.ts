import { expect, test } from 'vitest';
import type { ServiceConfig } from '../../src/protocol/topology.ts';
import { instant } from '../../src/protocol/units.ts';
import { statesOf } from '../../src/supervisor/crew/service-state.ts';

const users = { name: 'users' } as ServiceConfig;

const worker = (id: string) => ({
  id,
  pid: 1,
  status: 'ready' as const,
  restarts: 0,
  startedAt: instant(0),
  isStandby: false,
  services: ['users'],
  configs: [users],
  failures: new Map(),
  unhealthy: new Map(),
  reason: undefined,
  stall: { stack: undefined },
});

test('workers stand in the order of their numbers, those of one group together', () => {
  const placements = [{ group: 'users', services: ['users'], workers: 7 }];
  const ids = ['users#10', 'users#9', 'shop#2', 'users#1', 'shop#11', 'a#b#3', 'a#b#12'];
  const [state] = statesOf([users], { placements, stopped: {} }, ids.map(worker));
  expect(state?.workers.map(({ id }) => id)).toEqual([
    'a#b#3',
    'a#b#12',
    'shop#2',
    'shop#11',
    'users#1',
    'users#9',
    'users#10',
  ]);
});

import type { Action } from '../../src/protocol/action.ts';

/** One that was given at a terminal. */
export const actionOf = (id: string, status: Action['status'] = 'done'): Action => ({
  id,
  kind: 'scale',
  service: 'users',
  by: { uid: 1000, user: 'ada', tty: 'pts/1', origin: 'cli' },
  why: 'busy',
  from: { group: 'main', workers: 1 },
  to: { group: 'main', workers: 2 },
  status,
  startedAt: '2026-02-02T00:00:00.000Z',
  failedRequests: 0,
});

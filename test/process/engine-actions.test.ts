import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Actions } from '../../src/supervisor/actions/actions.ts';
import { Journal } from '../../src/supervisor/actions/journal.ts';
import { startShop } from './engine-app.ts';

const actor = { uid: 1000, user: 'ada', tty: 'pts/1', origin: 'cli' } as const;
const quiet = { entry: './services/quiet.mjs' };

test('an action is journalled once, however often it is asked for, and can be undone', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();
  using journal = new Journal(join(shop.directory, '.forge/state.db'));
  const actions = new Actions(shop.engine, journal);
  const order = {
    id: 'a-1',
    request: { kind: 'scale', service: 'users', workers: 2 },
    why: 'busy',
    actor,
  } as const;

  const [first, second] = await Promise.all([actions.apply(order), actions.apply(order)]);
  expect(second).toEqual(first);
  expect(await actions.apply(order)).toMatchObject({ status: 'done', undo: 'forge undo a-1' });
  expect(shop.workersOf('users')).toHaveLength(2);
  expect(journal.overrides().workers).toEqual({ '_isolated:users': 2 });

  const { by: undone } = await actions.undo(actor);
  expect(undone).toMatchObject({ kind: 'scale', to: { workers: 1 }, why: 'undo of a-1' });
  expect(actions.list().map(({ id, status }) => [id, status])).toEqual([
    [undone.id, 'done'],
    ['a-1', 'undone'],
  ]);
  expect(shop.workersOf('users')).toHaveLength(1);
  await expect(actions.undo(actor)).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
});

test('an action that ran when the supervisor died is failed at the next start', async () => {
  await using shop = await startShop({ users: quiet });
  const file = join(shop.directory, '.forge/state.db');
  const action = {
    id: 'a-1',
    kind: 'split',
    service: 'users',
    by: actor,
    why: 'noisy',
    from: { group: 'main', workers: 1 },
    to: { group: '_isolated:users', workers: 1 },
    status: 'running',
    startedAt: new Date().toISOString(),
    failedRequests: 0,
  } as const;
  using before = new Journal(file);
  before.write({ action });

  using after = new Journal(file);
  expect(after.list()).toMatchObject([{ id: 'a-1', status: 'failed' }]);
  await shop.engine.settled();
});

test('splitting a service that was colocated is undone by bringing it back', async () => {
  await using shop = await startShop();
  await shop.engine.settled();
  using journal = new Journal(join(shop.directory, '.forge/state.db'));
  const actions = new Actions(shop.engine, journal);
  const request = { kind: 'split', service: 'users' } as const;

  expect(actions.plan(request, undefined)).toEqual({
    request,
    title: 'Split users out of main into 1 worker of its own',
    steps: [
      'Start 1 worker for users and wait until ready',
      'Route users there',
      'Replace 1 worker of main by ones with orders, new ones first',
    ],
    guards: [{ text: 'no action of the last minutes is still being measured', isAgainst: false }],
    undo: 'forge undo',
    command: 'forge split users',
  });
  await actions.apply({ id: 'a-1', request, why: 'noisy', actor });
  const { undone } = await actions.undo(actor, 'a-1');
  expect(undone).not.toHaveProperty('undo');
  await expect(actions.undo(actor, 'a-1')).rejects.toMatchObject({
    code: 'NOTHING_TO_UNDO',
    message: 'Action a-1 cannot be undone: it was undone already',
  });
  await expect(actions.undo(actor, 'a-2')).rejects.toThrow('there is none of this id');

  expect(shop.engine.services().map(({ group }) => group)).toEqual([
    '_isolated:gateway',
    'main',
    'main',
  ]);
});

import { expect, test } from 'vitest';
import type { ControlMethods } from '../../src/protocol/control/messages.ts';
import { type ControlClient, connect } from '../../src/sdk/control/client.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { snapshotWhen, socketOf } from '../helpers/snapshots.ts';
import { actionsOf } from '../helpers/status.ts';

type Acceptance = ControlMethods['accept']['params'];

const codeOf = (result: PromiseSettledResult<unknown>): string =>
  result.status === 'fulfilled' ? 'done' : result.reason.code;

test('of two operators who accept the same advice one is obeyed, and a third who is late is not [C6]', async () => {
  await using app = await startCopy('test/fixtures/apps/scenes', { SCENE: 'idle', IDLE: '5 s' });
  const { advice } = await snapshotWhen(app, (one) =>
    one.advice.recommendations.some(({ action }) => action === 'scale_down'),
  );
  const { id: recommendation = '' } =
    advice.recommendations.find(({ action }) => action === 'scale_down') ?? {};
  const operator = (user: string): Promise<ControlClient> =>
    connect(socketOf(app), { role: 'operator', actor: { user } });
  await using ada = await operator('ada');
  await using bob = await operator('bob');
  const accept = (client: ControlClient, id: string) =>
    client.request('accept', { id, recommendation } satisfies Acceptance);

  const both = await Promise.allSettled([accept(ada, 'a-1'), accept(bob, 'b-1')]);
  expect(both.map(codeOf).toSorted()).toEqual(['ACTION_CONFLICT', 'done']);
  const late = await Promise.allSettled([accept(ada, 'a-2'), accept(bob, 'b-2')]);
  expect(late.map(codeOf)).toEqual(['UNKNOWN_ADVICE', 'UNKNOWN_ADVICE']);

  const done = (await actionsOf(app)).filter(({ kind }) => kind === 'scale');
  const [first] = both.map(codeOf);
  expect(done.map(({ id, status, by }) => [id, status, by.user]).toSorted()).toEqual([
    ['a-1', first === 'done' ? 'done' : 'failed', 'ada'],
    ['b-1', first === 'done' ? 'failed' : 'done', 'bob'],
  ]);
});

test('what an operator asks for is written down with who it was, also when it is refused [C7]', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  await using ada = await connect(socketOf(app), { role: 'operator', actor: { user: 'ada' } });
  const order = (id: string, service: string, workers: number) =>
    ada.request('apply', { id, why: 'busy', request: { kind: 'scale', service, workers } });

  const asked = await Promise.allSettled([
    order('a-1', 'names', 3),
    order('a-2', 'nobody', 3),
    order('a-3', 'hello', 999),
  ]);

  expect(asked.map(codeOf)).toEqual(['done', 'UNKNOWN_SERVICE', 'REFUSED']);
  const written = (await actionsOf(app)).toSorted((a, b) => a.id.localeCompare(b.id));
  expect(written).toMatchObject([
    { id: 'a-1', service: 'names', status: 'done', from: { workers: 2 }, to: { workers: 3 } },
    { id: 'a-2', service: 'nobody', status: 'failed' },
    { id: 'a-3', service: 'hello', status: 'failed' },
  ]);
  for (const { by, why } of written) expect([by.user, why]).toEqual(['ada', 'busy']);
});

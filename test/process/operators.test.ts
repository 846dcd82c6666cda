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

test('what a viewer orders is refused, and written down with who it was and what for [C5]', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  await using ada = await connect(socketOf(app), { role: 'operator', actor: { user: 'ada' } });
  const request = { kind: 'scale', service: 'names', workers: 3 } as const;
  await ada.request('apply', { id: 'a-1', why: 'busy', request });
  await using eve = await connect(socketOf(app), { role: 'viewer', actor: { user: 'eve' } });
  const asked = await Promise.allSettled([
    eve.request('apply', { id: 'e-1', why: 'for fun', request: { ...request, workers: 1 } }),
    eve.request('apply', { id: 'e-2', why: 'for fun', request: { ...request, service: 'none' } }),
    eve.request('undo', { action: 'a-1' }),
    eve.request('autopilot', { mode: 'auto' }),
    eve.request('reconfigure', { services: ['names'] }),
    eve.request('upgrade', { entry: '/tmp/other.js' }),
    eve.request('stop', { timeoutMs: 1_000 }),
    eve.request('routingTable', {}),
    eve.request('dismiss', { recommendation: 'none', why: '' }),
    eve.request('accept', { id: 'e-3', recommendation: 'none' }),
  ]);
  expect(new Set(asked.map(codeOf))).toEqual(new Set(['READ_ONLY']));

  const written = (await actionsOf(app)).filter(({ by }) => by.user === 'eve').toReversed();
  expect(written.map(({ kind, service, why }) => [kind, service, why])).toEqual([
    ['scale', 'names', 'for fun'],
    ['scale', 'none', 'for fun'],
    ['scale', 'names', 'undo of a-1'],
    ['autopilot', '', 'suggest → auto'],
    ['reconfigure', 'names', ''],
    ['upgrade', '', '/tmp/other.js'],
    ['stop', '', ''],
  ]);
  expect(written[0]).toMatchObject({ id: 'e-1', from: { workers: 3 } });
  for (const { status, error } of written) {
    expect([status, error]).toEqual(['failed', expect.stringMatching(/^A viewer may not /)]);
  }
});

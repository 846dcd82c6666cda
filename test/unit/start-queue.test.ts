import { expect, test } from 'vitest';
import { ms } from '../../src/protocol/units.ts';
import { type Starter, StartQueue, startPlaces } from '../../src/supervisor/crew/start-queue.ts';

type Named = Starter & { readonly name: string };

const workers = (group: string, count: number, recentCrashes = 0): readonly Named[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${group}#${index + 1}`,
    group,
    recentCrashes,
  }));

const queueOf = (places: number) => {
  const queue = new StartQueue<Named>({ places, placeForMs: ms(60_000) });
  const started: string[] = [];
  const ask = (worker: Named): void => queue.ask(worker, () => void started.push(worker.name));
  return { queue, started, ask };
};

test('only so many start at once, and the next one when one of them has come up', () => {
  const { queue, started, ask } = queueOf(2);
  const users = workers('users', 4);
  for (const user of users) ask(user);
  expect(started).toEqual(['users#1', 'users#2']);
  for (const user of users.slice(0, 1)) queue.leave(user);
  expect(started).toEqual(['users#1', 'users#2', 'users#3']);
});

test('who does not want to start any more is not waited for', () => {
  const { queue, started, ask } = queueOf(1);
  const users = workers('users', 3);
  for (const user of users) ask(user);
  for (const user of [...users.slice(1, 2), ...users.slice(0, 1)]) queue.leave(user);
  expect(started).toEqual(['users#1', 'users#3']);
});

test('the replacement of one worker goes before a whole service that crashes again and again', () => {
  const { queue, started, ask } = queueOf(2);
  const crashing = workers('crashing', 400, 1);
  for (const worker of crashing) ask(worker);
  for (const worker of workers('orders', 1, 1)) ask(worker);
  for (const worker of crashing.slice(0, 1)) queue.leave(worker);
  expect(started.at(-1)).toBe('orders#1');
});

test('of one service, who has crashed least goes first', () => {
  const { queue, started, ask } = queueOf(1);
  const often = workers('users', 2, 3);
  const fresh = { name: 'fresh', group: 'users', recentCrashes: 1 };
  for (const worker of [...often, fresh]) ask(worker);
  for (const worker of often.slice(0, 1)) queue.leave(worker);
  expect(started).toEqual(['users#1', 'fresh']);
});

test('one that crashes while it starts stands at the end of the queue', () => {
  const { started, ask } = queueOf(1);
  const users = workers('users', 2);
  for (const user of [...users, ...users.slice(0, 1)]) ask(user);
  expect(started).toEqual(['users#1', 'users#2']);
});

test('one that takes long to come up, as it waits for a database, does not keep others from it', async () => {
  const queue = new StartQueue<Named>({ places: 1, placeForMs: ms(10) });
  const second = Promise.withResolvers<string>();
  for (const { name, ...rest } of workers('users', 2)) {
    queue.ask({ name, ...rest }, () => (name === 'users#2' ? second.resolve(name) : undefined));
  }
  expect(await second.promise).toBe('users#2');
});

test('a small app starts all at once, however few cores it has', () => {
  expect([0.5, 1, 2, 8].map(startPlaces)).toEqual([16, 16, 16, 64]);
});

import { expect, test } from 'vitest';
import type { RoutingTable } from '../../src/protocol/topology.ts';
import { RouteFeed } from '../../src/supervisor/process/route-feed.ts';

const told = () => {
  const sent: number[] = [];
  const feed = new RouteFeed(({ table }) => sent.push(table.generation));
  const offer = (...generations: readonly number[]): void => {
    for (const generation of generations) {
      feed.offer({ type: 'routes', table: { generation, services: {}, remotes: [] } });
    }
  };
  /** Says nothing but what the one before said. */
  const repeat = (generation: number, remotes: RoutingTable['remotes']): void =>
    feed.offer({ type: 'routes', table: { generation, services: {}, remotes } });
  return { sent, feed, offer, repeat };
};

test('who has not taken up a table is told the newest when it has, and none of those between', () => {
  const { sent, feed, offer } = told();
  offer(1, 2, 3, 4);
  expect(sent).toEqual([1]);
  feed.take(1);
  expect(sent).toEqual([1, 4]);
  feed.take(4);
  offer(5);
  expect(sent).toEqual([1, 4, 5]);
  expect(feed.taken).toBe(4);
});

test('nobody is told the same table twice', () => {
  const { sent, feed, offer } = told();
  offer(1, 1);
  feed.take(1);
  offer(1);
  expect(sent).toEqual([1]);
});

test('on a new connection it is told at once, whatever was under way on the old one', () => {
  const { sent, feed, offer } = told();
  offer(1, 2);
  feed.begin();
  offer(2);
  expect(sent).toEqual([1, 2]);
});

test('a table that says nothing new is not sent, and counts as soon as the one before it does', () => {
  const { sent, feed, repeat } = told();
  const remotes: RoutingTable['remotes'] = [];
  repeat(1, remotes);
  repeat(2, remotes);
  expect([sent, feed.taken]).toEqual([[1], -1]);
  feed.take(1);
  repeat(3, remotes);
  expect([sent, feed.taken]).toEqual([[1], 3]);
});

test('what was to be sent next is not, when everything is again as it was told', () => {
  const { sent, feed, repeat } = told();
  const remotes: RoutingTable['remotes'] = [];
  repeat(1, remotes);
  repeat(2, [{ name: 'far', address: 'http://far:1' }]);
  repeat(3, remotes);
  feed.take(1);
  expect([sent, feed.taken]).toEqual([[1], 3]);
});

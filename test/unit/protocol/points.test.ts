import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../../src/protocol/control/messages.ts';
import { Points, withLastPoints } from '../../../src/protocol/control/points.ts';
import { connect } from '../../../src/sdk/control/client.ts';
import { rush } from '../../console/shop.ts';
import { crowd } from '../../helpers/crowd.ts';
import { seed } from '../../helpers/seed.ts';
import { serveFixed } from '../../helpers/supervisor.ts';

/** A supervisor after so many seconds: its histories hold the last minute. */
const after = (seconds: number): Snapshot => {
  const all = Array.from({ length: seconds }, (_, second) => second);
  const late = all.slice(10);
  return {
    ...rush,
    history: {
      users: { cpu: all.slice(-60), p99: all.slice(-60).map((each) => each * 10) },
      // One that came later.
      ...(late.length > 0 ? { late: { cpu: late.slice(-60), p99: late.slice(-60) } } : {}),
    },
    points: seconds,
  };
};

const plain = ({ history }: Snapshot): unknown => JSON.parse(JSON.stringify(history));

test('histories of which only what is new is sent are whole, whatever was left out between', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.array(fc.nat(90), { maxLength: 8 }), (first, steps) => {
      const points = new Points(after(first));
      let seconds = first;
      const seen = steps.map((step) => {
        seconds += step;
        const sent = withLastPoints(after(seconds), step);
        expect(sent.history['users']?.cpu.length).toBeLessThanOrEqual(step);
        return { snapshot: points.join(sent), expected: after(seconds) };
      });
      // Also those that somebody has kept since.
      for (const { snapshot, expected } of seen) expect(plain(snapshot)).toEqual(plain(expected));
    }),
    { seed },
  );
});

test('a client that subscribes is sent the points once, and sees all of them', async () => {
  await using supervisor = await serveFixed({ snapshot: crowd(3, 0) });
  await using client = await connect(supervisor.socketPath, { role: 'viewer' });
  const shown = Promise.withResolvers<Snapshot>();
  const first = await client.subscribe(200, (snapshot) => {
    if (snapshot.points === 67) shown.resolve(snapshot);
  });
  expect(first.history['service-0']?.cpu).toHaveLength(60);
  supervisor.show(crowd(3, 7));
  expect(plain(await shown.promise)).toEqual(plain(crowd(3, 7)));
});

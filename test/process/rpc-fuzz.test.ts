import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyFrame, encodeFrame, frameTypes } from '../../src/protocol/rpc/frame.ts';
import type { InboundCall } from '../../src/sdk/rpc/calls.ts';
import { bytesOf, packCall, packValue } from '../../src/sdk/rpc/wire/payload.ts';
import { answer, callerOf } from '../helpers/rpc.ts';
import { seed } from '../helpers/seed.ts';

const evilKeys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'polluted');
const evil = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(1, 'text', null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(evilKeys, tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
  ),
})).value;

const goodCall = fc.array(evil, { maxLength: 3 }).map((args) =>
  encodeFrame({
    ...emptyFrame,
    type: frameTypes.call,
    id: 1,
    payload: bytesOf(packCall({ kind: 'call', service: 'users', method: 'm', args, from: 'x' })),
  }),
);
const anyFrame = fc
  .tuple(fc.constantFrom(...Object.values(frameTypes)), fc.nat(3), fc.uint8Array({ maxLength: 64 }))
  .map(([type, id, payload]) => encodeFrame({ ...emptyFrame, type, id, payload }));
const someValue = fc
  .tuple(fc.constantFrom(...Object.values(frameTypes)), fc.nat(3), evil)
  .map(([type, id, value]) =>
    encodeFrame({ ...emptyFrame, type, id, payload: bytesOf(packValue(value)) }),
  );
const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));

const changed = fc
  .tuple(goodCall, fc.nat(), fc.nat(255))
  .map(([bytes, at, value]) => bytes.fill(value, at % bytes.length, (at % bytes.length) + 1));
const cut = fc.tuple(goodCall, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));

const attack = fc.array(fc.oneof(goodCall, anyFrame, someValue, noise, changed, cut), {
  minLength: 1,
  maxLength: 6,
});

test('whatever a peer sends, no other link notices, nothing is polluted, and it ends with the peer [E2]', async () => {
  const kinds = new Set<string>();
  await using callee = await answer((call: InboundCall) => {
    kinds.add(`${typeof call.service} ${typeof call.method} ${Array.isArray(call.args)}`);
    return Object.assign({}, ...call.args);
  });
  using caller = callerOf([callee]);
  await fc.assert(
    fc.asyncProperty(attack, async (parts) => {
      const stranger = connect(callee.path);
      stranger.on('error', () => undefined).resume();
      const closed = new Promise((resolve) => stranger.once('close', resolve));
      await once(stranger, 'connect');
      stranger.end(Buffer.concat(parts));
      expect(await caller.call('getUser', { args: [{ id: 1 }] })).toEqual({ id: 1 });
      await closed;
      expect({}).not.toHaveProperty('polluted');
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { seed, numRuns: 300 },
  );
  expect([...kinds]).toEqual(['string string true']);
  expect(callee.server.inFlight()).toBe(0);
});

import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ForgeError } from '../../src/protocol/forge-error.ts';
import { carriedProblem } from '../../src/protocol/rpc/carried.ts';
import { emptyFrame, encodeFrame, FrameDecoder, frameTypes } from '../../src/protocol/rpc/frame.ts';
import { contractOf } from '../../src/sdk/contract.ts';
import { type CallKind, type InboundCall, now } from '../../src/sdk/rpc/calls.ts';
import { parseTraceparent, parseTracestate } from '../../src/sdk/rpc/trace.ts';
import {
  bytesOf,
  packCall,
  packValue,
  unpackCall,
  unpackValue,
} from '../../src/sdk/rpc/wire/payload.ts';
import { Service } from '../../src/sdk/service.ts';
import { Hosted } from '../../src/sdk/worker/hosted.ts';
import { quietLog } from '../helpers/quiet-log.ts';
import { answer, callerOf } from '../helpers/rpc.ts';
import { seed } from '../helpers/seed.ts';

const runs = { seed, numRuns: 2_000 };
const prototypeBefore = Reflect.ownKeys(Object.prototype).map(String).toSorted();

beforeAll(() => {
  process.stdout.write(`seed of this run: ${seed} (FORGE_TEST_SEED=${seed} repeats it)\n`);
});
afterAll(() => {
  expect(Reflect.ownKeys(Object.prototype).map(String).toSorted()).toEqual(prototypeBefore);
});

class Vault extends Service {
  static readonly contract = {
    expose: ['open'],
    routes: [{ method: 'GET', path: '/door', handler: 'door' }],
    on: { 'alarm.rang': 'alarm' },
  } as const;
  readonly ran: string[] = [];
  readonly keys = (): void => void this.ran.push('keys');

  open(): string {
    return 'open';
  }
  door(): string {
    return 'door';
  }
  alarm(): string {
    return 'alarm';
  }
  secret(): void {
    this.ran.push('secret');
  }
  get code(): string {
    this.ran.push('code');
    return '1234';
  }
  override onStart(): void {
    this.ran.push('onStart');
  }
  override onStop(): void {
    this.ran.push('onStop');
  }
}

/** Every name that a walk up the prototypes of an instance finds. */
const inherited = (of: object): readonly string[] => {
  const names: string[] = [];
  for (let each: object | null = of; each !== null; each = Object.getPrototypeOf(each)) {
    names.push(...Reflect.ownKeys(each).map(String));
  }
  return names;
};

const startVault = async () => {
  const service = new Vault();
  const contract = contractOf('users', Vault);
  const hosted = new Hosted({ name: 'users', service, contract, log: quietLog });
  const callee = await answer((call) => hosted.handle(call));
  return { service, hosted, callee };
};

const offered: Readonly<Record<string, string>> = {
  call: 'open',
  route: 'door',
  event: 'alarm.rang',
};

test('whatever name is called, only what the contract offers for this kind of call runs [E1]', async () => {
  const { service, callee } = await startVault();
  await using _callee = callee;
  using caller = callerOf([callee]);
  const name = fc.oneof(
    fc.constantFrom(...inherited(service), ...Object.values(offered)),
    fc.constantFrom(
      '__proto__.open',
      'open.call',
      'constructor.constructor',
      'оpen',
      'open\0',
      'Open',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constant('x'.repeat(10_240)),
    fc.nat().map(String),
  );
  const kind = fc.constantFrom<CallKind>('call', 'route', 'event', 'broadcast');
  await fc.assert(
    fc.asyncProperty(name, kind, async (method, how) => {
      const outcome = await caller.call(method, { kind: how }).catch((error: ForgeError) => error);
      if (offered[how] === method) expect(outcome).toBe(method.split('.')[0]);
      // The same for what is private and for what is not there at all.
      else
        expect(outcome).toMatchObject({ code: 'METHOD_NOT_EXPOSED', facts: { known: ['open'] } });
    }),
    { ...runs, numRuns: 1_000 },
  );
  expect(service.ran).toEqual([]);
});

const special = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hops',
  'baggage',
);
const key = fc.oneof(special, fc.string({ maxLength: 8 }));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.bigInt()),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('tree')), { maxLength: 4 })
      // As `JSON.parse` does it: an own property, whatever its name.
      .map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
}));

const prototypesIn = (value: unknown, found = new Set<unknown>()): ReadonlySet<unknown> => {
  if (typeof value !== 'object' || value === null || value instanceof Date) return found;
  found.add(Object.getPrototypeOf(value));
  for (const each of Object.values(value)) prototypesIn(each, found);
  return found;
};
const plain = new Set<unknown>([Object.prototype, Array.prototype]);
const oddPrototypesIn = (value: unknown): readonly unknown[] =>
  [...prototypesIn(value)].filter((each) => !plain.has(each));

const packed = (value: unknown): Buffer => bytesOf(packValue(value));

const unpackedOrRefused = (bytes: Uint8Array): unknown => {
  try {
    return unpackValue(bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(BAD_MESSAGE|PAYLOAD_REFUSED)$/) });
    return undefined;
  }
};

test('no payload sets a prototype, by any encoder [E2]', () => {
  const records = new Packr({ useRecords: true, sequential: true, moreTypes: true });
  fc.assert(
    fc.property(tree, (value) => {
      expect(oddPrototypesIn(unpackValue(packed(value)))).toEqual([]);
      expect(oddPrototypesIn(unpackedOrRefused(records.pack(value)))).toEqual([]);
    }),
    runs,
  );
});

test('no JSON body does either, on its way through the ingress to a worker', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), key, (text, name) => {
      const body = JSON.parse(`{${JSON.stringify(name)}:${text},"__proto__":${text}}`);
      const call = { kind: 'route', service: 'users', method: 'open', args: [body] } as const;
      const [arrived] = unpackCall(bytesOf(packCall({ ...call, from: 'ingress' }))).args;
      expect(oddPrototypesIn(arrived)).toEqual([]);
      expect(Object.hasOwn(arrived as object, '__proto__')).toBe(false);
    }),
    runs,
  );
});

test('a call on the wire is one within its limits, or refused', () => {
  // Mostly right, so that what is wrong is one field among good ones.
  const mostly = (good: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: tree });
  const hops = fc.oneof(fc.nat(16), fc.integer({ min: -1, max: 18 }));
  const call = fc.tuple(
    mostly(fc.constantFrom('call', 'route', 'event', 'shutdown')),
    mostly(fc.constant('users')),
    mostly(fc.constant('open')),
    mostly(fc.constant([])),
    mostly(fc.constant('orders')),
    mostly(fc.oneof(hops, fc.record({ hops, baggage: tree }))),
  );
  const bytes = fc.oneof(call.map(packed), tree.map(packed), fc.uint8Array({ maxLength: 64 }));
  let taken = 0;
  fc.assert(
    fc.property(bytes, (payload) => {
      try {
        const { carried, args, from } = unpackCall(payload);
        expect([carriedProblem(carried), Array.isArray(args), typeof from]).toEqual([
          undefined,
          true,
          'string',
        ]);
        taken += 1;
      } catch (error) {
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(BAD_MESSAGE|PAYLOAD_REFUSED)$/),
        });
      }
    }),
    { ...runs, numRuns: 5_000 },
  );
  expect(taken).toBeGreaterThan(100);
});

test('a forged deadline or moment of sending reaches no handler and no figure [D7] [E7]', async () => {
  const seen: InboundCall[] = [];
  const { hosted, callee: unused } = await startVault();
  await unused[Symbol.asyncDispose]();
  await using callee = await answer((call) => {
    seen.push(call);
    return hosted.handle(call);
  });
  const socket = connect(callee.path);
  await once(socket, 'connect');
  const call = { kind: 'call', service: 'users', method: 'open', args: [], from: 'a' } as const;
  const payload = bytesOf(packCall(call));
  const odd = fc.oneof(
    fc.double(),
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      0,
      1e9,
      1e300,
    ),
    fc.constantFrom(now() + 1e9, now()),
  );
  const samples = fc.sample(
    fc.record({ deadlineMs: odd, sentAt: odd, traceparent: fc.string({ maxLength: 20 }) }),
    {
      seed,
      numRuns: 500,
    },
  );
  for (const [id, fields] of samples.entries()) {
    socket.write(encodeFrame({ ...emptyFrame, ...fields, type: frameTypes.call, id, payload }));
  }
  const last = samples.length;
  socket.write(
    encodeFrame({ ...emptyFrame, type: frameTypes.call, id: last, sentAt: now(), payload }),
  );
  const decoder = new FrameDecoder();
  for await (const chunk of socket) {
    if (decoder.push(chunk as Buffer).some(({ id }) => id === last)) break;
  }
  expect(seen.length).toBeGreaterThan(100);
  for (const { deadlineMs, sentAt } of seen) {
    expect(deadlineMs).toBeGreaterThanOrEqual(0);
    expect(deadlineMs).toBeLessThanOrEqual(24 * 3_600_000);
    expect(Number.isFinite(sentAt) && sentAt <= now()).toBe(true);
  }
  const { totalMs, loopWaitMs, latencyMaxMs } = hosted.meter.take();
  const aDay = 24 * 3_600_000;
  expect(Math.max(totalMs, loopWaitMs, latencyMaxMs)).toBeLessThan(seen.length * aDay);
  expect([totalMs, loopWaitMs, latencyMaxMs].every((each) => each >= 0)).toBe(true);
});

test('what is taken for a trace is one, whatever was sent', () => {
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF-'), maxLength: 60 });
  const nearly = fc
    .tuple(fc.constantFrom('00', '01', 'ff', '0'), hex, hex, fc.constantFrom('00', '01', 'zz'))
    .map((parts) => parts.join('-'));
  fc.assert(
    fc.property(fc.oneof(fc.string(), hex, nearly), fc.string(), (trace, state) => {
      expect(parseTraceparent(trace) ?? '00-1').toMatch(
        /^00-(?:1|[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})$/,
      );
      expect(parseTracestate(state) ?? '').toMatch(/^[ -~]{0,512}$/);
    }),
    runs,
  );
});

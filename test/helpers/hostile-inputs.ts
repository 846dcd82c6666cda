import { decodeClientMessage } from '../../src/protocol/control/schema.ts';
import { encodeLine, LineDecoder } from '../../src/protocol/json-lines.ts';
import {
  emptyFrame,
  encodeFrame,
  FrameDecoder,
  type FrameType,
  frameTypes,
  type ReceivedFrame,
} from '../../src/protocol/rpc/frame.ts';
import {
  bytesOf,
  packCall,
  packError,
  packValue,
  unpackAnswer,
  unpackCall,
  unpackError,
  unpackValue,
} from '../../src/sdk/rpc/wire/payload.ts';
import { Random } from '../../src/simulator/random.ts';

export type Tried = {
  readonly taken: number;
  readonly refused: number;
  /** What was thrown and is no refusal of a protocol. */
  readonly failures: readonly string[];
  /** What this thread worked at the one that took longest. */
  readonly slowestMs: number;
};

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
const evil: unknown = JSON.parse(
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[1,"b",null,1.5]}',
);
const values = [evil, [evil, evil], deep(60), 'x'.repeat(300), new Map([['__proto__', evil]]), 7n];

const frameOf = (type: FrameType, payload: Buffer): Buffer =>
  encodeFrame({ ...emptyFrame, type, id: 1, payload });
const callWith = (value: unknown): Buffer =>
  bytesOf(
    packCall({ kind: 'call', service: 'users', method: 'get', args: [value], from: 'orders' }),
  );

const frames: readonly Buffer[] = [
  ...values.map((value) => frameOf(frameTypes.call, callWith(value))),
  ...values.map((value) => frameOf(frameTypes.reply, bytesOf(packValue(value)))),
  ...values.map((value) => frameOf(frameTypes.data, bytesOf(packValue(value)))),
  frameOf(frameTypes.error, bytesOf(packError(Object.assign(new Error('no'), { facts: evil })))),
  frameOf(frameTypes.window, bytesOf(packValue(32))),
  Buffer.concat([frameOf(frameTypes.ping, Buffer.alloc(0)), frameOf(frameTypes.call, callWith(1))]),
];

const actor = { uid: 1_000, user: 'ada', tty: 'pts/1', origin: 'cli' };
const request = { kind: 'scale', service: 'users', workers: 2 };
const lines: readonly Buffer[] = [
  { type: 'hello', version: 1, role: 'operator', actor },
  { type: 'request', id: 1, method: 'status', params: {} },
  { type: 'request', id: 2, method: 'apply', params: { id: 'a-1', request, why: 'busy' } },
  { type: 'request', id: 3, method: 'emit', params: { event: 'a.b', payload: evil } },
].map((message) => Buffer.from(encodeLine(message)));

/** Some of its bytes are others; it may be cut off, go on, or be nothing but noise. */
const spoil = (good: Buffer, random: Random): Buffer => {
  if (random.index(8) === 0) {
    return Buffer.from(Array.from({ length: 1 + random.index(64) }, () => random.index(256)));
  }
  const bytes = Buffer.from(good);
  for (let left = random.index(4); left > 0; left -= 1) {
    bytes[random.index(bytes.length)] = random.index(256);
  }
  switch (random.index(4)) {
    case 0:
      return bytes.subarray(0, random.index(bytes.length));
    case 1:
      return Buffer.concat([bytes, bytes.subarray(random.index(bytes.length))]);
    default:
      return bytes;
  }
};

const read = (frame: ReceivedFrame): void => {
  if (frame.type === frameTypes.call) unpackCall(frame.payload);
  else if (frame.type === frameTypes.reply) unpackAnswer(frame, true);
  else if (frame.type === frameTypes.error) unpackError(frame.payload);
  else unpackValue(frame.payload);
};

const readFrames = (bytes: Buffer): void => {
  for (const frame of new FrameDecoder().push(bytes)) read(frame);
};

const readLines = (bytes: Buffer): void => {
  for (const line of new LineDecoder('A client').push(bytes.toString())) decodeClientMessage(line);
};

const refusals: ReadonlySet<unknown> = new Set(['BAD_MESSAGE', 'PAYLOAD_REFUSED']);

/** Gives so many spoiled frames and lines to what reads them. */
export const tryInputs = (count: number, seed: number): Tried => {
  const random = new Random(seed);
  const failures: string[] = [];
  // To note where each of half a million refusals was thrown takes most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let refused = 0;
  let slowestMs = 0;
  for (let index = 0; index < count; index += 1) {
    const isLine = random.index(4) === 0;
    const all = isLine ? lines : frames;
    const bytes = spoil(all[random.index(all.length)] ?? Buffer.alloc(0), random);
    const before = process.threadCpuUsage();
    try {
      if (isLine) readLines(bytes);
      else readFrames(bytes);
    } catch (error) {
      refused += 1;
      if (!refusals.has((error as { readonly code?: unknown }).code)) {
        failures.push(`${String(error)} of ${bytes.toString('hex')}`);
      }
    }
    const { user, system } = process.threadCpuUsage(before);
    slowestMs = Math.max(slowestMs, (user + system) / 1_000);
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { taken: count - refused, refused, failures, slowestMs };
};

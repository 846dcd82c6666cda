import { addExtension, Packr, REUSE_BUFFER_MODE } from 'msgpackr';
import { answerNotJson, payloadRefused } from '../../../protocol/call-errors.ts';
import { type CauseData, fromCauses, toCauses } from '../../../protocol/causes.ts';
import { badMessage } from '../../../protocol/errors.ts';
import {
  type ErrorData,
  ForgeError,
  messageOf,
  toErrorData,
} from '../../../protocol/forge-error.ts';
import { type Carried, carriedProblem, isBare, mostHops } from '../../../protocol/rpc/carried.ts';
import { lengthOf } from '../../../protocol/rpc/frame.ts';
import {
  checkPayload,
  deepestPayload,
  hasLargeInteger,
  mostKeys,
} from '../../../protocol/rpc/payload-shape.ts';
import { type CallKind, callKinds } from '../calls.ts';
import { isStream } from '../streams/stream.ts';

/** Data only: records are off, so that no shape and no prototype is ever set from the wire. */
const packr = new Packr({ useRecords: false, moreTypes: true, mapsAsObjects: true });

/** The same of memory that something else will come into: bytes in a value are copied. */
const copying = new Packr({
  useRecords: false,
  moreTypes: true,
  mapsAsObjects: true,
  copyBuffers: true,
});

/** One that may be sent has been taken out by now. */
// biome-ignore lint/complexity/noStaticOnlyClass: the encoder only asks what is one of it
class Stream {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isStream(value);
  }
}

/** No data: who sends it is told, not only who would have had it. A promise was not awaited. */
const live = {
  'a promise': Promise,
  'a Set': Set,
  'an Error': Error,
  'a RegExp': RegExp,
  'a stream that is neither the last argument nor the answer': Stream,
} as const;
for (const [what, kind] of Object.entries(live)) {
  addExtension({
    Class: kind,
    write: () => {
      throw payloadRefused(what);
    },
  });
}

/**
 * A record that the encoder, which goes by the field `constructor`, would take for an instance of
 * some class, and ask for its `toJSON`: who sends a request names these fields as well.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: the encoder only asks what is one of it
class Disguised {
  static [Symbol.hasInstance](value: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
  }
}
// What is given back as it is, is written down field by field.
addExtension({ Class: Disguised, write: (record) => record });

// A box is what it holds, as JSON has it.
for (const Class of [String, Number, Boolean]) {
  addExtension({ Class, write: (box) => box.valueOf() });
}

/** Where the bytes of a value are, until the next one is packed. */
export type Packed = Buffer & { readonly start: number; readonly end: number };

const scratchBytes = 256 * 1024;
const scratch = Buffer.allocUnsafeSlow(scratchBytes);

/** One buffer for all, as every payload is copied behind its header anyway. */
const pack = (value: unknown): Packed => {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of the encoder, no hook of React
  packr.useBuffer(scratch);
  try {
    // So the encoder answers in this mode: its buffer, and where in it.
    return packr.pack(value, REUSE_BUFFER_MODE) as Packed;
  } catch (error) {
    const problem = problemOf(error);
    throw problem === undefined ? error : payloadRefused(problem, error);
  }
};

/** What the encoder, which goes down a value by calling itself, found wrong with it. */
const problemOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (error.message.startsWith('Object is too large')) return `more than ${mostKeys} keys`;
  if (error.message === 'Unknown type: symbol') return 'a symbol';
  return error.message.startsWith('Maximum call stack')
    ? 'itself, or values that are nested too deep'
    : undefined;
};

export const bytesOf = (packed: Packed): Buffer =>
  Buffer.from(packed.subarray(packed.start, packed.end));

export const nothing: Packed = Object.assign(Buffer.alloc(0), { start: 0, end: 0 });

/** Of what is around the values of a call or an error. */
const envelopeLevels = 2;

const unpack = (payload: Uint8Array, deepest = deepestPayload): unknown => {
  checkPayload(payload, deepest);
  return unpackChecked(payload);
};

/** Of bytes that nothing was found against; they stay as they are, or else the value has its own. */
export const unpackChecked = (payload: Uint8Array, stays = true): unknown => {
  try {
    return (stays ? packr : copying).unpack(payload);
  } catch (cause) {
    const problem = messageOf(cause);
    throw problem.startsWith('Invalid property type for record')
      ? payloadRefused('a Map with a key that is no text and no number', cause)
      : badMessage('The peer', problem);
  }
};

export type CallPayload = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly from: string;
  readonly carried: Carried;
};

type Packable = Omit<CallPayload, 'carried'> & { readonly carried?: Carried | undefined };

/** Of most calls nothing but the number of hops is carried, which then stands for the whole. */
export const packCall = ({ kind, service, method, args, from, carried }: Packable): Packed =>
  pack([
    kind,
    service,
    method,
    args,
    from,
    carried === undefined || isBare(carried) ? (carried?.hops ?? 0) : carried,
  ]);

export const unpackCall = (payload: Uint8Array): CallPayload => {
  const fields = unpack(payload, deepestPayload + envelopeLevels);
  if (!isCall(fields)) throw badMessage('The peer', 'a call that is none');
  const [kind, service, method, args, from, carried] = fields;
  return { kind, service, method, args, from, carried: toCarried(carried) };
};

/** Peers of the first version carry nothing. */
const toCarried = (packed: unknown): Carried => {
  if (packed === undefined) return { hops: 0 };
  if (typeof packed === 'number' && Number.isInteger(packed) && packed >= 0 && packed <= mostHops) {
    return { hops: packed };
  }
  const problem = carriedProblem(packed);
  if (problem !== undefined) throw badMessage('The peer', problem);
  // Checked field by field just now.
  return packed as Carried;
};

type CallFields = readonly [
  kind: CallKind,
  service: string,
  method: string,
  args: readonly unknown[],
  from: string,
  carried: unknown,
];

const isCall = (fields: unknown): fields is CallFields => {
  if (!Array.isArray(fields)) return false;
  const [kind, service, method, args, from] = fields;
  return (
    callKinds.includes(kind) &&
    typeof service === 'string' &&
    typeof method === 'string' &&
    typeof from === 'string' &&
    Array.isArray(args)
  );
};

export const packValue = (value: unknown): Packed => pack(value);

export const unpackValue = (payload: Uint8Array): unknown => unpack(payload);

/** What whoever asked over HTTP could not be given either is refused by who answers, and counted there. */
export const packForJson = (value: unknown): Packed => {
  const packed = pack(value);
  checkPayload(packed.subarray(packed.start, packed.end), deepestPayload);
  if (hasLargeInteger()) throw answerNotJson(new TypeError('it holds a BigInt'));
  return packed;
};

type Received = { readonly payload: Uint8Array; readonly isOwn: boolean };
type Answer = { readonly isValue: boolean; readonly outcome: unknown };

/** A value that nobody takes fails what it belongs to, and nothing else on its link; garbage does. */
export const unpackReceived = ({ payload, isOwn }: Received): Answer => {
  try {
    checkPayload(payload, deepestPayload);
    return { isValue: true, outcome: unpackChecked(payload, isOwn) };
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'PAYLOAD_REFUSED') throw error;
    return { isValue: false, outcome: error };
  }
};

export const unpackAnswer = (received: Received, isValue: boolean): Answer =>
  isValue ? unpackReceived(received) : { isValue, outcome: unpackError(received.payload) };

type RemoteError = ErrorData & {
  readonly httpStatus?: number;
  readonly facts?: object;
  /** Peers that know of none send none. */
  readonly causes?: readonly CauseData[];
};

/** Facts that cannot travel stay at home; the error itself always arrives. */
export const packError = (error: unknown): Packed => {
  const { httpStatus, facts } = (error ?? {}) as Partial<RemoteError>;
  const causes = toCauses(error);
  const data = {
    ...toErrorData(error),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(causes.length === 0 ? {} : { causes }),
  };
  try {
    const packed = pack(facts === undefined ? data : { ...data, facts });
    checkPayload(packed.subarray(packed.start, packed.end), deepestPayload + envelopeLevels);
    lengthOf('', packed.end - packed.start);
    return packed;
  } catch {
    return pack(data);
  }
};

/**
 * The error of the other process, without its stack: that belongs into the other one's log. It
 * answered, so it ran: that what it called did not run must not make anyone run it again.
 */
export const unpackError = (payload: Uint8Array): ForgeError => {
  checkPayload(payload, deepestPayload + envelopeLevels);
  const data = unpackChecked(payload, false);
  if (!isError(data)) throw badMessage('The peer', 'an error that is none');
  const ran = 'executed' in { ...data.facts } ? { executed: 'yes' } : {};
  const facts = { ...data.facts, ...ran };
  const error = new ForgeError({ ...data, facts, cause: fromCauses(data.causes) });
  return data.httpStatus === undefined
    ? error
    : Object.assign(error, { httpStatus: data.httpStatus });
};

const isError = (data: unknown): data is RemoteError => {
  const { code, message } = (data ?? {}) as Partial<RemoteError>;
  return typeof code === 'string' && typeof message === 'string';
};

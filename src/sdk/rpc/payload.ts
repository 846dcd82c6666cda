import { Packr, REUSE_BUFFER_MODE } from 'msgpackr';
import { badMessage } from '../../protocol/errors.ts';
import { type ErrorData, ForgeError, toErrorData } from '../../protocol/forge-error.ts';
import { type CallKind, callKinds } from './calls.ts';

/** Data only: records are off, so that no shape and no prototype is ever set from the wire. */
const packr = new Packr({ useRecords: false, moreTypes: true, mapsAsObjects: true });

/** Where the bytes of a value are, until the next one is packed. */
export type Packed = Buffer & { readonly start: number; readonly end: number };

const scratchBytes = 256 * 1024;
const scratch = Buffer.allocUnsafeSlow(scratchBytes);

/** One buffer for all, as every payload is copied behind its header anyway. */
const pack = (value: unknown): Packed => {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of the encoder, no hook of React
  packr.useBuffer(scratch);
  // So the encoder answers in this mode: its buffer, and where in it.
  return packr.pack(value, REUSE_BUFFER_MODE) as Packed;
};

export const bytesOf = (packed: Packed): Buffer =>
  Buffer.from(packed.subarray(packed.start, packed.end));

export const nothing: Packed = Object.assign(Buffer.alloc(0), { start: 0, end: 0 });

const unpack = (payload: Uint8Array): unknown => {
  try {
    return packr.unpack(payload);
  } catch (cause) {
    throw badMessage('The peer', cause instanceof Error ? cause.message : String(cause));
  }
};

export type CallPayload = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly from: string;
};

export const packCall = (call: CallPayload): Packed =>
  pack([call.kind, call.service, call.method, call.args, call.from]);

export const unpackCall = (payload: Uint8Array): CallPayload => {
  const fields = unpack(payload);
  if (!isCall(fields)) throw badMessage('The peer', 'a call that is none');
  const [kind, service, method, args, from] = fields;
  return { kind, service, method, args, from };
};

type CallFields = readonly [
  kind: CallKind,
  service: string,
  method: string,
  args: readonly unknown[],
  from: string,
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

type RemoteError = ErrorData & { readonly httpStatus?: number; readonly facts?: object };

/** Facts that cannot travel stay at home; the error itself always arrives. */
export const packError = (error: unknown): Packed => {
  const data = toErrorData(error);
  const { httpStatus, facts } = (error ?? {}) as Partial<RemoteError>;
  const status = httpStatus === undefined ? {} : { httpStatus };
  try {
    return pack({ ...data, ...status, ...(facts === undefined ? {} : { facts }) });
  } catch {
    return pack({ ...data, ...status });
  }
};

/**
 * The error of the other process, without its stack: that belongs into the other one's log. It
 * answered, so it ran: that what it called did not run must not make anyone run it again.
 */
export const unpackError = (payload: Uint8Array): ForgeError => {
  const data = unpack(payload);
  if (!isError(data)) throw badMessage('The peer', 'an error that is none');
  const ran = 'executed' in { ...data.facts } ? { executed: 'yes' } : {};
  const error = new ForgeError({ ...data, facts: { ...data.facts, ...ran } });
  return data.httpStatus === undefined
    ? error
    : Object.assign(error, { httpStatus: data.httpStatus });
};

const isError = (data: unknown): data is RemoteError => {
  const { code, message } = (data ?? {}) as Partial<RemoteError>;
  return typeof code === 'string' && typeof message === 'string';
};

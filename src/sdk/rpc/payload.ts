import { Packr } from 'msgpackr';
import { type ErrorData, ForgeError, toErrorData } from '../../protocol/forge-error.ts';
import type { CallKind } from './calls.ts';

/** Data only: records are off, so that no shape and no prototype is ever set from the wire. */
const packr = new Packr({ useRecords: false, moreTypes: true, mapsAsObjects: true });

export type CallPayload = {
  readonly kind: CallKind;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly from: string;
};

export const packCall = (call: CallPayload): Uint8Array =>
  packr.pack([call.kind, call.service, call.method, call.args, call.from]);

export const unpackCall = (payload: Uint8Array): CallPayload => {
  const [kind, service, method, args, from] = packr.unpack(payload) as readonly unknown[];
  return {
    kind: kind as CallKind,
    service: String(service),
    method: String(method),
    args: Array.isArray(args) ? args : [],
    from: String(from),
  };
};

export const packValue = (value: unknown): Uint8Array => packr.pack(value ?? null);

/** `undefined` does not travel; an answer of nothing is `undefined` on both ends. */
export const unpackValue = (payload: Uint8Array): unknown => packr.unpack(payload) ?? undefined;

type RemoteError = ErrorData & { readonly httpStatus?: number; readonly facts?: object };

export const packError = (error: unknown): Uint8Array => {
  const { httpStatus, facts } = (error ?? {}) as Partial<RemoteError>;
  return packr.pack({
    ...toErrorData(error),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(facts === undefined ? {} : { facts }),
  });
};

/**
 * The error of the other process, without its stack: that belongs into the other one's log. It
 * answered, so it ran: that what it called did not run must not make anyone run it again.
 */
export const unpackError = (payload: Uint8Array): ForgeError => {
  const data = packr.unpack(payload) as RemoteError;
  const ran = 'executed' in { ...data.facts } ? { executed: 'yes' } : {};
  const error = new ForgeError({ ...data, facts: { ...data.facts, ...ran } });
  return data.httpStatus === undefined
    ? error
    : Object.assign(error, { httpStatus: data.httpStatus });
};

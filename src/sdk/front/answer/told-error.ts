import { codeOf, knownCodeOf, ownStatusOf, statusOf } from '../../../protocol/http-status.ts';
import { traceIdOf } from '../../rpc/trace.ts';

const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** What a client is told of an error. */
export type ToldError = {
  readonly status: number;
  readonly body: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      /** In the log of whoever failed. */
      readonly traceId?: string;
    };
  };
};

/** Of what is nobody's fault but ours: its own message names services, addresses, or worse. */
const texts: Readonly<Record<string, string>> = {
  UNAVAILABLE: 'The service is not available',
  SERVICE_STOPPED: 'The service is stopped',
  RESOURCE_EXHAUSTED: 'The service has too much to do',
  OVERLOADED: 'The service has too much to do',
  DEADLINE_EXCEEDED: 'The service gave no answer in time',
  TOO_MANY_HOPS: 'The request goes in a circle',
  METHOD_NOT_EXPOSED: 'There is no such method',
};

/** Failures of a service whose code says nothing about what it holds. */
const ownCodes: ReadonlySet<string> = new Set(['ANSWER_NOT_JSON', 'OUTPUT_INVALID']);

/**
 * The code and message of an error only if whoever threw it meant them for a client: it says its
 * status itself. Whatever else is thrown may hold a query, a path or a secret, and is in the log.
 */
export const toldError = (error: unknown, traceparent?: string): ToldError => {
  const status = statusOf(error);
  const code = codeOf(error);
  if (status !== 500 && ownStatusOf(error) !== undefined && error instanceof Error) {
    return { status, body: { error: { code: code ?? `HTTP_${status}`, message: error.message } } };
  }
  const known = knownCodeOf(error) ?? (ownCodes.has(code ?? '') ? code : undefined);
  const message =
    status === 500 ? 'The service failed' : (texts[known ?? ''] ?? STATUS_CODES[status] ?? '');
  const traceId = traceparent && traceIdOf(traceparent);
  return {
    status,
    body: { error: { code: known ?? 'INTERNAL', message, ...(traceId && { traceId }) } },
  };
};

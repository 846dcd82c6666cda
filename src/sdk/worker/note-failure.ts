import { isOurs, toErrorData } from '../../protocol/forge-error.ts';
import { authorText } from '../channel/error-text.ts';
import { isRefusal } from '../rpc/refusal.ts';
import { traceIdOf } from '../rpc/trace.ts';

type Failed = {
  readonly service: string;
  /** Empty for what is posted to the service itself. */
  readonly method: string;
  readonly traceparent: string;
};

/** Errors of ours that only whoever writes the service can mend, and that nobody else writes down. */
const mistakes: ReadonlySet<string> = new Set([
  'METHOD_NOT_EXPOSED',
  'NOT_CONNECTED',
  'TAKES_NO_MESSAGES',
  'PAYLOAD_REFUSED',
  'CONTEXT_INVALID',
]);

/**
 * Writes the whole error to the log: who called is told no more than a code and its trace. A refusal
 * is an answer; any other error of ours was written down where it was thrown, or tells of load.
 */
export const noteFailure = ({ service, method, traceparent }: Failed, error: unknown): void => {
  if (isRefusal(error) || (isOurs(error) && !mistakes.has(toErrorData(error).code))) return;
  const where = method === '' ? service : `${service}.${method}`;
  process.stderr.write(`${where} (trace ${traceIdOf(traceparent)}): ${authorText(error)}\n`);
};

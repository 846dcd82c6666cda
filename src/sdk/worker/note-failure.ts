import { isOurs } from '../../protocol/forge-error.ts';
import { errorText } from '../channel/error-text.ts';
import { isRefusal } from '../rpc/refusal.ts';
import { traceIdOf } from '../rpc/trace.ts';

type Failed = {
  readonly service: string;
  /** Empty for what is posted to the service itself. */
  readonly method: string;
  readonly traceparent: string;
};

/**
 * Writes the whole error to the log: who called is told no more than a code and its trace. A refusal
 * is an answer, and an error of ours says all in its message, or was written down where it was thrown.
 */
export const noteFailure = ({ service, method, traceparent }: Failed, error: unknown): void => {
  if (isRefusal(error) || isOurs(error)) return;
  const where = method === '' ? service : `${service}.${method}`;
  process.stderr.write(`${where} (trace ${traceIdOf(traceparent)}): ${errorText(error)}\n`);
};

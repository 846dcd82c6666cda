import { cancelled } from '../../../protocol/errors.ts';
import { type OutboundCall, targetOf } from '../calls.ts';
import { Cancellation } from '../cancellation.ts';
import { isStream } from '../streams/stream.ts';
import { nowhere } from '../under-way/crowd.ts';

/** Sends a call that its caller may take back; one whose answer is a stream, until that has ended. */
export const abortable = (
  signal: AbortSignal,
  call: OutboundCall,
  send: (call: OutboundCall) => Promise<unknown>,
): Promise<unknown> => {
  const error = cancelled(targetOf(call));
  if (signal.aborted) return Promise.reject(error);
  const cancellation = new Cancellation();
  const outer = { place: nowhere, cancelled: () => cancellation.cancel() };
  call.cancellation?.watch(outer);
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancellation.cancel();
      reject(error);
    };
    signal.addEventListener('abort', abort, { once: true });
    const release = (): void => {
      signal.removeEventListener('abort', abort);
      call.cancellation?.unwatch(outer);
    };
    send({ ...call, cancellation }).then(
      (value) => {
        if (!isStream(value)) release();
        resolve(value);
      },
      (failure) => {
        release();
        reject(failure);
      },
    );
  });
};

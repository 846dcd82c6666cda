import { cancelled } from '../../../protocol/errors.ts';
import type { Cancellation } from '../cancellation.ts';
import { copyOf } from '../copy/copy.ts';
import { nowhere } from '../under-way/crowd.ts';
import { bytesOf, packError, unpackError } from '../wire/payload.ts';
import { Inflow } from './inflow.ts';
import { Outflow } from './outflow.ts';

type Between = {
  readonly target: string;
  readonly cancellation: Cancellation;
  /** Is told of the item that could not be sent. */
  readonly refused?: ((error: unknown) => void) | undefined;
};

/** A stream from one service of a worker to another, as it would be over a link. */
export const localStream = (
  source: AsyncIterable<unknown>,
  { target, cancellation, refused }: Between,
): AsyncIterable<unknown> => {
  const outflow: Outflow = new Outflow(source, {
    data: (item) => inflow.arrived(copyOf(item)),
    end: () => inflow.ended(),
    fail: (error) => inflow.failed(unpackError(bytesOf(packError(error)))),
    refused,
    done: () => cancellation.unwatch(watcher),
  });
  const inflow: Inflow = new Inflow({
    // As over a link, in another turn of the event loop: else a long stream would be all that it does.
    grant: (items) => void setImmediate(() => outflow.grant(items)),
    stop: () => outflow.stop(),
  });
  const watcher = {
    place: nowhere,
    cancelled: () => {
      outflow.stop();
      inflow.failed(cancelled(target));
    },
  };
  cancellation.watch(watcher);
  return inflow;
};

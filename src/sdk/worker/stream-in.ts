import { type RequestContext, requestContext } from '../request-context.ts';
import { inSlice } from './slices.ts';

const over = { done: true, value: undefined } as const;

/**
 * What a stream does when it is asked for its next item is done for the same request, too; `failed`
 * hears of what it throws.
 */
export const streamIn = (
  context: RequestContext,
  source: AsyncIterable<unknown>,
  failed: (error: unknown) => void,
): AsyncIterable<unknown> => {
  const within = <T>(run: () => T): T => inSlice(context, () => requestContext.run(context, run));
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = within(() => source[Symbol.asyncIterator]());
      return {
        next: () => {
          const item = within(() => iterator.next());
          // Beside whoever waits for it, which is not made to wait longer.
          Promise.resolve(item).catch(failed);
          return item;
        },
        return: () => within(async () => (await iterator.return?.()) ?? over),
      };
    },
  };
};

import { expect, test } from 'vitest';
import { Cancellation } from '../../src/sdk/rpc/cancellation.ts';
import { localStream } from '../../src/sdk/rpc/streams/local-stream.ts';

const many = 100_000;

const numbers = async function* () {
  for (let item = 0; item < many; item += 1) yield item;
};

test('a long stream within a worker leaves turns of its event loop to all others', async () => {
  let turns = 0;
  const other = setInterval(() => (turns += 1), 1);
  let read = 0;
  for await (const item of localStream(numbers(), {
    target: 'reports.export',
    cancellation: new Cancellation(),
  })) {
    expect(item).toBe(read);
    read += 1;
    if (turns > 0) break;
  }
  clearInterval(other);
  expect(read).toBeLessThan(many);
});

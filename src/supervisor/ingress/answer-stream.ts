import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A method that answers with a stream: one JSON document a line, as fast as the client reads. */
export const answerStream = async (
  response: ServerResponse,
  items: AsyncIterable<unknown>,
): Promise<void> => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  await pipeline(Readable.from(lines(items)), response);
};

async function* lines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item) ?? 'null'}\n`;
}

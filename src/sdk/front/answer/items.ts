import { Readable } from 'node:stream';
import type { StreamedAnswer } from './answers.ts';
import { jsonText } from './json-text.ts';

/** A method that answers with a stream: one JSON document a line, as fast as the client reads. */
export const streamOf = (items: AsyncIterable<unknown>): StreamedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/x-ndjson; charset=utf-8' },
  body: Readable.from(lines(items)),
});

async function* lines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${jsonText(item)}\n`;
}

import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { historyFileInvalid } from '../../protocol/errors.ts';
import {
  decodeHistoryLine,
  type HistoryHeader,
  type HistoryLine,
} from '../../protocol/history/file.ts';

/** Writes a history to a file; a file that is not whole does not stay. */
export const writeHistoryFile = async (
  file: string,
  lines: AsyncIterable<HistoryLine>,
): Promise<void> => {
  const text = async function* (): AsyncGenerator<string> {
    for await (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  try {
    await pipeline(Readable.from(text()), createGzip(), createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
};

/** The lines of a file that somebody wrote; the first is its header. */
export async function* readHistoryFile(file: string): AsyncGenerator<HistoryLine> {
  let header: HistoryHeader | undefined;
  try {
    const stream = createReadStream(file).on('error', (error) => input.destroy(error));
    const input = stream.pipe(createGunzip());
    for await (const text of createInterface({ input })) {
      const line = decodeHistoryLine(JSON.parse(text) as object);
      if (typeof line === 'string') throw new Error(line);
      if (header === undefined && line.type !== 'header') throw new Error('it has no header');
      if (line.type === 'header') header = line;
      yield line;
    }
  } catch (error) {
    throw historyFileInvalid(file, error instanceof Error ? error.message : String(error), error);
  }
  if (header === undefined) throw historyFileInvalid(file, 'it is empty');
}

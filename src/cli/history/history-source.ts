import { basename } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type AdvisorInput, decodeInput } from '../../advisor/replay/input.ts';
import type { Action } from '../../protocol/action.ts';
import { appFiles } from '../../protocol/app-files.ts';
import { noHistory } from '../../protocol/errors.ts';
import type {
  HistoryPage,
  HistoryQuery,
  RecordingPage,
  RecordingQuery,
} from '../../protocol/history/messages.ts';
import { attach, doWithout, findFolder, type Target } from '../target.ts';

/** What is kept of an app: asked of its supervisor, or read from its files when none answers. */
export type HistorySource = AsyncDisposable & {
  readonly app: string;
  readonly history: (query: HistoryQuery) => Promise<HistoryPage>;
  readonly recording: (query: RecordingQuery) => Promise<RecordingPage>;
  readonly actions: (since?: number) => Promise<readonly Action[]>;
};

export const openHistory = async (target: Target): Promise<HistorySource> => {
  try {
    const client = await attach(target);
    return {
      app: (await client.request('status', {})).app,
      history: (query) => client.request('history', query),
      recording: (query) => client.request('recording', query),
      actions: async (since) =>
        (await client.request('actions', since === undefined ? {} : { since })).actions,
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  } catch (error) {
    doWithout(target, error);
    return filesOf(await findFolder(target));
  }
};

const filesOf = async (folder: string): Promise<HistorySource> => {
  const { readStore } = await import('../../supervisor/history/store.ts');
  const { queryHistory } = await import('../../supervisor/history/query.ts');
  const { queryRecording } = await import('../../supervisor/history/recording.ts');
  const { readActions } = await import('../../supervisor/actions/journal.ts');
  const read = <T>(use: Parameters<typeof readStore<T>>[1]): T => {
    const found = readStore(appFiles.history(folder), use);
    if (found === undefined) throw noHistory(folder);
    return found;
  };
  return {
    // The config may be broken, or another by now: the folder has a name.
    app: basename(folder),
    history: async (query) => read((database) => queryHistory(database, query)),
    recording: async (query) => read((database) => queryRecording(database, query)),
    actions: async (since) => readActions(appFiles.state(folder), since),
    [Symbol.asyncDispose]: async () => undefined,
  };
};

const unpack = promisify(zstdDecompress);

/** What the advisor was given in a period, and in the minutes before, to learn what it knew. */
export async function* inputsOf(
  { recording }: HistorySource,
  query: RecordingQuery,
): AsyncGenerator<AdvisorInput> {
  let after: number | undefined;
  do {
    const page = await recording(after === undefined ? query : { ...query, after });
    for (const chunk of page.chunks) {
      const text = String(await unpack(Buffer.from(chunk, 'base64')));
      for (const line of text.split('\n').filter((each) => each !== '')) {
        const input = decodeInput(JSON.parse(line));
        if (input !== undefined) yield input;
      }
    }
    after = page.next;
  } while (after !== undefined);
}

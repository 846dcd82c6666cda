import type {
  HistoryPage,
  HistoryQuery,
  HistoryRecord,
  StepMs,
} from '../../protocol/history/messages.ts';
import { absent, fromCode, unpackCodes } from '../../protocol/history/pack.ts';
import type { MachineSeries, Series } from '../../protocol/history/series.ts';

type Columns<Name extends string> = Readonly<Record<Name, Float32Array>>;

/** What was measured in a period: at each moment one value a series, NaN where there was none. */
export type History = {
  readonly stepMs: StepMs;
  /** Milliseconds since the epoch, ascending; a step may be missing. */
  readonly at: Float64Array;
  readonly machine: Columns<MachineSeries>;
  readonly services: Readonly<Record<string, Columns<Series>>>;
  readonly records: readonly HistoryRecord[];
  /** The advice and the layout that held when the period began. */
  readonly held: readonly HistoryRecord[];
};

/** The pages of a period, the first ones first. */
export async function* historyPages(
  ask: (query: HistoryQuery) => Promise<HistoryPage>,
  query: HistoryQuery,
): AsyncGenerator<HistoryPage> {
  let page = await ask(query);
  yield page;
  while (page.next !== undefined) {
    page = await ask({ ...query, stepMs: page.stepMs, from: page.next });
    yield page;
  }
}

/** A period as a whole. */
export const readHistory = async (
  ask: (query: HistoryQuery) => Promise<HistoryPage>,
  query: HistoryQuery,
): Promise<History> => {
  const pages: HistoryPage[] = [];
  for await (const page of historyPages(ask, query)) pages.push(page);
  return joinPages(pages);
};

/** The pages of a period as one. */
export const joinPages = (pages: readonly HistoryPage[]): History => {
  const [first] = pages;
  const names = new Set(pages.flatMap(({ services }) => Object.keys(services)));
  return {
    stepMs: first?.stepMs ?? 1_000,
    at: Float64Array.from(pages.flatMap(({ at }) => at)),
    machine: columnsOf(pages, ({ machineSeries, machine }) => [machineSeries, machine]),
    services: Object.fromEntries(
      [...names].map((name) => [
        name,
        columnsOf(pages, ({ series, services }) => [series, services[name]]),
      ]),
    ),
    records: pages.flatMap(({ records }) => records),
    held: first?.held ?? [],
  };
};

type Packed<Name> = readonly [names: readonly Name[], codes: string | undefined];

const columnsOf = <Name extends string>(
  pages: readonly HistoryPage[],
  pick: (page: HistoryPage) => Packed<Name>,
): Columns<Name> => {
  const total = pages.reduce((sum, { at }) => sum + at.length, 0);
  const columns: Record<string, Float32Array> = {};
  let row = 0;
  for (const page of pages) {
    const [names, packed] = pick(page);
    const codes = unpackCodes(Buffer.from(packed ?? '', 'base64'));
    for (const [index, name] of names.entries()) {
      columns[name] ??= new Float32Array(total).fill(Number.NaN);
      const from = index * page.at.length;
      for (let step = 0; step < page.at.length; step += 1) {
        columns[name][row + step] = fromCode(codes[from + step] ?? absent);
      }
    }
    row += page.at.length;
  }
  // Every page names the same series.
  return columns as Columns<Name>;
};

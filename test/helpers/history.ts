import type { HistoryPage } from '../../src/protocol/history/messages.ts';
import { fromCode, unpackCodes } from '../../src/protocol/history/pack.ts';
import type { Series } from '../../src/protocol/history/series.ts';

/** One series of a service in a page. */
export const valuesOf = (page: HistoryPage, service: string, series: Series): readonly number[] => {
  const codes = unpackCodes(Buffer.from(page.services[service] ?? '', 'base64'));
  const from = page.series.indexOf(series) * page.at.length;
  return Array.from(codes.subarray(from, from + page.at.length), fromCode);
};

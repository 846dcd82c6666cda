import type { HistoryPage } from '../../src/protocol/history/messages.ts';
import { packCodes, toCode } from '../../src/protocol/history/pack.ts';
import { machineSeriesNames, seriesNames } from '../../src/protocol/history/series.ts';
import { crowd } from './crowd.ts';
import { pageOf } from './past.ts';

const seconds = 3_600;

/** What the app looks like when the hour is over. */
export const afterHour = (services: number) => crowd(services, seconds);

const column = (): readonly number[] =>
  Array.from({ length: seconds }, () => toCode(Math.random() * 500));

const packed = (names: readonly string[]): string =>
  packCodes(names.flatMap(column)).toString('base64');

/** An hour in which every figure changes every second, and every other second something happens. */
export const hourOf = (services: number): HistoryPage => {
  const last = afterHour(services);
  const end = Date.parse(last.status.at);
  const [event] = last.events;
  if (event === undefined) throw new Error('the crowd has no event');
  const first = pageOf([crowd(services, 1)]);
  return {
    ...first,
    at: Array.from({ length: seconds }, (_, second) => end - (seconds - 1 - second) * 1_000),
    machine: packed(machineSeriesNames),
    services: Object.fromEntries(
      last.status.services.map(({ name }) => [name, packed(seriesNames)]),
    ),
    records: [
      ...first.records,
      ...Array.from({ length: seconds / 2 }, (_, index) => {
        const at = end - (seconds - 2 * index) * 1_000;
        return { kind: 'event', at, event: { ...event, at: new Date(at).toISOString() } } as const;
      }),
    ],
  };
};

import { fromCode, packCodes, toCode, unpackCodes } from '../../protocol/history/pack.ts';
import { type Moment, machineSeriesNames, seriesNames } from '../../protocol/history/series.ts';

/** Service → its number in the rows. */
export type Numbers = ReadonlyMap<string, number>;

/** A moment as it lies in the database: the machine, then each service behind its number. */
export const packRow = ({ machine, services }: Moment, numbers: Numbers): Buffer =>
  packCodes([
    ...machine.map(toCode),
    ...[...services].flatMap(([name, values]) => [numbers.get(name) ?? 0, ...values.map(toCode)]),
  ]);

export type Row = {
  readonly machine: Uint16Array;
  readonly services: ReadonlyMap<number, Uint16Array>;
};

const stride = 1 + seriesNames.length;

export const unpackRow = (bytes: Uint8Array): Row => {
  const codes = unpackCodes(bytes);
  const services = new Map<number, Uint16Array>();
  for (let from = machineSeriesNames.length; from < codes.length; from += stride) {
    services.set(codes[from] ?? 0, codes.subarray(from + 1, from + stride));
  }
  return { machine: codes.subarray(0, machineSeriesNames.length), services };
};

export const toMoment = (at: number, row: Row, numbers: Numbers): Moment => ({
  at,
  machine: Array.from(row.machine, fromCode),
  services: new Map(
    [...numbers].flatMap(([name, number]) => {
      const codes = row.services.get(number);
      return codes === undefined ? [] : [[name, Array.from(codes, fromCode)] as const];
    }),
  ),
});

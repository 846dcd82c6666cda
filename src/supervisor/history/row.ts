import { fromCode, packCodes, toCode, unpackCodes } from '../../protocol/history/pack.ts';
import { type Moment, machineSeriesNames, seriesNames } from '../../protocol/history/series.ts';

/** Service → its number in the rows. */
export type Numbers = ReadonlyMap<string, number>;

const stride = 1 + seriesNames.length;

/**
 * A moment as it lies in the database: the machine, then each service behind its number. Written each
 * second, and so straight to where it belongs.
 */
export const packRow = ({ machine, services }: Moment, numbers: Numbers): Buffer => {
  const codes = new Uint16Array(machine.length + services.size * stride);
  let end = putCodes(codes, 0, machine);
  for (const [name, values] of services) {
    codes[end] = numbers.get(name) ?? 0;
    end = putCodes(codes, end + 1, values);
  }
  return packCodes(codes.subarray(0, end));
};

/** Where the next one goes. */
const putCodes = (codes: Uint16Array, from: number, values: readonly number[]): number => {
  for (let index = 0; index < values.length; index += 1) {
    codes[from + index] = toCode(values[index] ?? Number.NaN);
  }
  return from + values.length;
};

export type Row = {
  readonly machine: Uint16Array;
  readonly services: ReadonlyMap<number, Uint16Array>;
};

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

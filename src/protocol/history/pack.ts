/**
 * A number in two bytes, on a logarithmic scale from a thousandth up to 10⁹: three digits of
 * it are right, which is what a chart shows, at half the size of the smallest common form.
 */
const stepsPerOctave = 1_600;
const finest = 1_000;
const most = 0xfffe;

/** There is no number: the service did not exist. */
export const absent = 0xffff;

export const toCode = (value: number): number => {
  if (Number.isNaN(value)) return absent;
  return Math.min(most, Math.round(stepsPerOctave * Math.log2(1 + finest * Math.max(0, value))));
};

/** Whole numbers below a thousand come back as they were; NaN where there was none. */
export const fromCode = (code: number): number => {
  const known = values[code] ?? Number.NaN;
  if (known !== 0 || code === 0) return known;
  const value = decoded(code);
  values[code] = value;
  return value;
};

/**
 * A chart of an hour has two million numbers to look up. Those that were never looked up take no
 * memory: the system gives a page when something is written there.
 */
const values = new Float64Array(absent + 1);

const decoded = (code: number): number => {
  if (code === absent) return Number.NaN;
  const value = (2 ** (code / stepsPerOctave) - 1) / finest;
  return Number(value.toPrecision(value < 1_000 ? 3 : 4));
};

/** Little-endian, whatever the machine. */
export const packCodes = (codes: Uint16Array | readonly number[]): Buffer => {
  const own = Uint16Array.from(codes);
  const bytes = Buffer.from(own.buffer);
  return isLittle ? bytes : bytes.swap16();
};

export const unpackCodes = (bytes: Uint8Array): Uint16Array => {
  // A copy begins where a number may begin.
  const copy = Buffer.from(new Uint8Array(bytes).buffer, 0, bytes.length & ~1);
  if (!isLittle) copy.swap16();
  return new Uint16Array(copy.buffer, 0, copy.length / 2);
};

const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

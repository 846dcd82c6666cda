/**
 * Log-linear latency histogram: 16 buckets an octave from 1 µs up to 134 s, each at most 6.25 %
 * wide. Recording is an increment; merging is an addition, so workers and periods can be summed.
 */
const size = 400;

/** Sparse form for the wire: pairs of bucket index and count. */
export type SparseCounts = readonly (readonly [bucket: number, count: number])[];

const none = new Uint32Array(0);

export class Histogram {
  /** Empty until something is recorded: most of those that are summed up stay so. */
  #counts = none;
  count = 0;
  sumMs = 0;
  maxMs = 0;

  recordMs(value: number): void {
    this.#count(bucketOf(value), 1);
    this.sumMs += value;
    if (value > this.maxMs) this.maxMs = value;
  }

  add(sparse: SparseCounts, maxMs = 0): void {
    for (const [index, count] of sparse) {
      if (index < 0 || index >= size) continue;
      this.#count(index, count);
      this.sumMs += middleMs(index) * count;
    }
    if (maxMs > this.maxMs) this.maxMs = maxMs;
  }

  /** The middle of the bucket that holds quantile `q` (0–1), in ms; 0 when nothing was recorded. */
  quantileMs(q: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (let index = 0; index < size; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return Math.min(middleMs(index), this.maxMs || Number.POSITIVE_INFINITY);
    }
    return this.maxMs;
  }

  /** How many of the recorded are at most so long. */
  countUpTo(ms: number): number {
    let seen = 0;
    for (let index = 0; index < size && middleMs(index) <= ms; index += 1) {
      seen += this.#counts[index] ?? 0;
    }
    return seen;
  }

  /** Which part of them, 0–1, took longer than this. */
  shareFrom(ms: number): number {
    return this.count === 0 || this.maxMs < ms ? 0 : 1 - this.countUpTo(ms) / this.count;
  }

  toSparse(): SparseCounts {
    const sparse: [number, number][] = [];
    for (let index = 0; index < size; index += 1) {
      const count = this.#counts[index] ?? 0;
      if (count > 0) sparse.push([index, count]);
    }
    return sparse;
  }

  reset(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.sumMs = 0;
    this.maxMs = 0;
  }

  #count(index: number, count: number): void {
    if (this.#counts.length === 0) this.#counts = new Uint32Array(size);
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.count += count;
  }
}

const bucketOf = (valueMs: number): number => {
  const us = Math.min(Math.max(0, Math.round(valueMs * 1_000)), 0x07ffffff);
  if (us < 32) return us;
  const exponent = 31 - Math.clz32(us);
  return ((exponent - 4) << 4) + (us >>> (exponent - 4));
};

const middleMs = (index: number): number => {
  if (index < 32) return index / 1_000;
  const exponent = (index >> 4) + 3;
  const low = (16 + (index & 15)) * 2 ** (exponent - 4);
  return (low + 2 ** (exponent - 5)) / 1_000;
};

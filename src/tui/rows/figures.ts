/** Numbers as people read them: few digits, and the unit with them. */

/** 7, 519, 12k, 3M. */
export const count = (value: number): string => {
  if (value < 9_999.5) return value.toFixed(0);
  return value < 999_500 ? `${(value / 1_000).toFixed(0)}k` : `${(value / 1_000_000).toFixed(0)}M`;
};

/** 3ms, 2425ms, 12.4s. */
export const latency = (ms: number): string =>
  ms < 9_999.5 ? `${ms.toFixed(0)}ms` : `${(ms / 1_000).toFixed(ms < 99_950 ? 1 : 0)}s`;

/** 87M, 12G. */
export const memory = (bytes: number): string => {
  const megabytes = bytes / 1024 / 1024;
  return megabytes < 9_999.5 ? `${megabytes.toFixed(0)}M` : `${(megabytes / 1024).toFixed(0)}G`;
};

/** In its words, or a dash where nothing was measured. */
export const known = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined || Number.isNaN(value) ? '-' : text(value);

/** 92%. */
export const percent = (value: number): string => `${value.toFixed(0)}%`;

export const gigabytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);

/** 8 s, 4 min, 3 h, 2 d. */
export const duration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3_600
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} d`;
};

/** 09:38:19, in UTC as everywhere in the app's logs. */
export const clock = (at: string): string => at.slice(11, 19);

export const plural = (value: number, word: string): string =>
  `${value} ${word}${value === 1 ? '' : 's'}`;

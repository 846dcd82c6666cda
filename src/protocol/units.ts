declare const unit: unique symbol;

/** A number that carries its unit in its type; a plain number is not accepted in its place. */
export type Unit<U extends string> = number & { readonly [unit]?: U };

export type Millis = Unit<'ms'>;
export const ms = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => ms(value * 1_000);
export const minutes = (value: number): Millis => seconds(value * 60);
export const hours = (value: number): Millis => minutes(value * 60);
export const days = (value: number): Millis => seconds(value * 86_400);

/** Milliseconds since the Unix epoch. */
export type Instant = Unit<'instant'>;
export const instant = (value: number): Instant => value as Instant;

/** 0–100 of one core. */
export type Percent = Unit<'percent'>;
export const percent = (value: number): Percent => value as Percent;

export type Bytes = Unit<'bytes'>;
export const bytes = (value: number): Bytes => value as Bytes;
export const megabytes = (value: number): Bytes => bytes(value * 1024 * 1024);

const durationUnits = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `'2 min'`, `'30s'`, `'1.5h'` or a number of milliseconds; undefined when it is none of these. */
export const parseDuration = (text: string | number): Millis | undefined => {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? ms(text) : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$/.exec(text.trim());
  if (match === null) return undefined;
  return ms(Number(match[1]) * durationUnits[match[2] as keyof typeof durationUnits]);
};

/** As one writes it in the config, in the largest unit that needs no fraction: `30 s`, `1 h`. */
export const formatDuration = (time: Millis): string => {
  const whole = (['d', 'h', 'min', 's'] as const).find((one) => time % durationUnits[one] === 0);
  return time === 0 || whole === undefined
    ? `${time} ms`
    : `${time / durationUnits[whole]} ${whole}`;
};

const sizeUnits = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** `'512MB'`, `'1 GB'` or a number of bytes; undefined when it is none of these. */
export const parseSize = (text: string | number): Bytes | undefined => {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? bytes(text) : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)$/i.exec(text.trim());
  if (match === null) return undefined;
  return bytes(Number(match[1]) * sizeUnits[match[2]?.toUpperCase() as keyof typeof sizeUnits]);
};

/** As people read it: `512 MB`, `1.5 GB`. */
export const formatSize = (size: Bytes): string =>
  size < sizeUnits.GB
    ? `${Math.round(size / sizeUnits.MB)} MB`
    : `${Math.round((size / sizeUnits.GB) * 10) / 10} GB`;

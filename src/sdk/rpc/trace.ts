import { randomBytes } from 'node:crypto';

const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C Trace Context, `traceparent`, version 00. */
export const isTraceparent = (text: unknown): text is string =>
  typeof text === 'string' && pattern.test(text);

export const newTraceparent = (): string => `00-${randomHex(32)}-${randomHex(16)}-01`;

let drawn = '';

/** Digits drawn in advance: to ask for each sixteen bytes costs more than the rest of a call. */
const randomHex = (digits: number): string => {
  if (drawn.length < digits) drawn = randomBytes(2_048).toString('hex');
  const taken = drawn.slice(0, digits);
  drawn = drawn.slice(digits);
  return taken;
};

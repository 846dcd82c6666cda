import { randomFillSync } from 'node:crypto';

const parts = /^([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const mostChars = 512;
/** Sampled and random; what other bits will mean is not known. */
const knownFlags = 3;

/**
 * W3C Trace Context, `traceparent`, as version 00; undefined for anything else. A later version may
 * have more fields, which are left out.
 */
export const parseTraceparent = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > mostChars) return undefined;
  const [, version, ids, flags = '', more] = parts.exec(text) ?? [];
  if (version === undefined || version === 'ff') return undefined;
  if (version === '00') return more === undefined ? text : undefined;
  return `00-${ids}-${(Number.parseInt(flags, 16) & knownFlags).toString(16).padStart(2, '0')}`;
};

/** Of `00-trace-span-flags`. */
export const traceIdOf = (traceparent: string): string => traceparent.split('-')[1] ?? '';

const key = '[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}';
const member = new RegExp(`^(?:${key})=(?=[ -~]{1,256}$)[^,=]*[^,= ]$`);
const mostMembers = 32;

/**
 * `tracestate` of the same standard; undefined when any member of it is none. Of two of one key the
 * first is the later one.
 */
export const parseTracestate = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > mostChars) return undefined;
  const members = text.split(',').flatMap((each) => each.trim() || []);
  if (members.length === 0 || members.length > mostMembers) return undefined;
  if (!members.every((each) => member.test(each))) return undefined;
  return members.filter(isFirst).join(',');
};

const isFirst = (each: string, index: number, members: readonly string[]): boolean =>
  members.findIndex((other) => keyOf(other) === keyOf(each)) === index;

const keyOf = (each: string): string => each.slice(0, each.indexOf('='));

const traceChars = 32;
const idChars = traceChars + 16;
/** To ask for random bytes costs more than the bytes: one request serves many traces. */
const pool = Buffer.alloc((idChars / 2) * 680);
let ids = '';
let used = 0;

export const newTraceparent = (): string => {
  if (used === ids.length) {
    ids = randomFillSync(pool).toString('hex');
    used = 0;
  }
  const spanAt = used + traceChars;
  const trace = ids.slice(used, spanAt);
  used += idChars;
  return `00-${trace}-${ids.slice(spanAt, used)}-01`;
};

import {
  type BreakerPolicy,
  type CachePolicy,
  type CallInput,
  type CallPolicy,
  type ConcurrencyPolicy,
  everyMethod,
  type LogPolicy,
  type RatePolicy,
  usualBreaker,
} from './call-policy.ts';
import { days, formatDuration, parseDuration } from './units.ts';

/** What can hold for a whole service; the others are of one method each. */
const ofService = ['timeout', 'concurrency', 'rate', 'breaker', 'log'];

/** Thrown by the fields below and caught by `parseCallPolicy`: a text that ends a sentence. */
class Wrong extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const longest = days(1);

const time = (key: string, value: unknown): number => {
  const parsed = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : 0;
  if (parsed === undefined || parsed <= 0) throw new Wrong(`${key} that is no time, such as '5 s'`);
  // A timer that is set for longer than 24 days ends at once.
  if (parsed > longest) throw new Wrong(`${key} over ${formatDuration(longest)}`);
  return parsed;
};

const count = (key: string, value: unknown, least = 1): number => {
  if (typeof value === 'number' && value >= least && Number.isFinite(value)) return value;
  throw new Wrong(`${key} that is no number from ${least} on`);
};

const whole = (key: string, value: unknown, least = 1): number => {
  if (Number.isInteger(count(key, value, least))) return Number(value);
  throw new Wrong(`${key} that is no whole number`);
};

const flag = (key: string, value: unknown): boolean => {
  if (typeof value === 'boolean') return value;
  throw new Wrong(`${key} that is neither true nor false`);
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with these keys and no others; anything else stands for the value of the first. */
const within = (key: string, value: unknown, keys: readonly [string, ...string[]]): Fields => {
  if (!isFields(value)) return { [keys[0]]: value };
  const unknown = Object.keys(value).find((each) => !keys.includes(each));
  if (unknown === undefined) return value;
  throw new Wrong(`${key}.${unknown}, but the keys are ${keys.join(', ')}`);
};

const by = (value: unknown): RatePolicy['by'] => {
  if (value === 'service' || value === 'caller' || value === 'tenant') return value;
  throw new Wrong("rate.by that is not 'service', 'caller' or 'tenant'");
};

const breakerOf = (value: unknown): BreakerPolicy | undefined => {
  if (typeof value === 'boolean') return value ? usualBreaker : undefined;
  const usual = usualBreaker;
  const fields = within('breaker', value, ['failures', 'least', 'within', 'open', 'probes']);
  return {
    failures: count('breaker.failures', fields['failures'] ?? usual.failures),
    least: whole('breaker.least', fields['least'] ?? usual.least),
    withinMs: time('breaker.within', fields['within'] ?? usual.withinMs),
    openMs: time('breaker.open', fields['open'] ?? usual.openMs),
    probes: whole('breaker.probes', fields['probes'] ?? usual.probes),
  };
};

const logOf = (value: unknown): LogPolicy | undefined => {
  if (typeof value === 'boolean') return value ? { slowerThanMs: 0 } : undefined;
  const fields = within('log', value, ['slowerThan']);
  return { slowerThanMs: time('log.slowerThan', fields['slowerThan']) };
};

const rateOf = (value: unknown): RatePolicy => {
  const fields = within('rate', value, ['perSecond', 'burst', 'by']);
  const perSecond = count('rate.perSecond', fields['perSecond'], 0.001);
  const burst = count('rate.burst', fields['burst'] ?? Math.max(1, perSecond));
  return { perSecond, burst, by: by(fields['by'] ?? 'service') };
};

const concurrencyOf = (value: unknown): ConcurrencyPolicy => {
  const { most, queue = 0 } = within('concurrency', value, ['most', 'queue']);
  return {
    most: whole('concurrency.most', most),
    queue: whole('concurrency.queue', queue, 0),
  };
};

const cacheOf = (value: unknown): CachePolicy => {
  const fields = within('cache', value, ['for', 'most']);
  return {
    forMs: time('cache.for', fields['for']),
    most: whole('cache.most', fields['most'] ?? 1_000),
  };
};

const readers: Readonly<Record<keyof CallInput, (value: unknown) => CallPolicy>> = {
  timeout: (value) => ({ timeoutMs: time('timeout', value) }),
  concurrency: (value) => ({ concurrency: concurrencyOf(value) }),
  rate: (value) => ({ rate: rateOf(value) }),
  cache: (value) => ({ cache: cacheOf(value) }),
  singleFlight: (value) => ({ singleFlight: flag('singleFlight', value) }),
  breaker: (value) => given('breaker', breakerOf(value)),
  log: (value) => given('log', logOf(value)),
};

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  // A computed key makes an index signature; K is one literal.
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };

export const callKeys = Object.keys(readers) as readonly (keyof CallInput)[];

/** The policy of a method, or what is wrong with it, as the end of a sentence that says "has". */
export const parseCallPolicy = (method: string, input: unknown): CallPolicy | string => {
  try {
    if (!isFields(input)) throw new Wrong('settings that are no object');
    const known: readonly string[] = method === everyMethod ? ofService : callKeys;
    const read = Object.entries(input).map(([key, value]) => {
      const reader = known.includes(key) ? readers[key as keyof CallInput] : undefined;
      if (reader === undefined) throw new Wrong(`${key}, but the keys are ${known.join(', ')}`);
      return value === undefined ? {} : reader(value);
    });
    return Object.assign({}, ...read) as CallPolicy;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
};

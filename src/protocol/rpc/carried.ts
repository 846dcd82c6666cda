import { type CallHeaders, headersProblem } from './call-headers.ts';

/** Who a request is made for, as whoever let it in has verified. */
export type Auth = {
  readonly sub: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
};

/** What goes along with a request beside its deadline and trace, from the ingress to the last hop. */
export type Carried = {
  /** How many services it has come through. */
  readonly hops: number;
  /** W3C Trace Context, beside `traceparent`. */
  readonly tracestate?: string;
  readonly tenant?: string;
  readonly auth?: Auth;
  readonly baggage?: Readonly<Record<string, string>>;
  /** Of this one call: the next hop does not get them. */
  readonly headers?: CallHeaders;
};

/** It says how far the request has come, and nothing else. */
export const isBare = (carried: Carried): boolean => {
  for (const key in carried) if (key !== 'hops') return false;
  return true;
};

/** A request that went through so many services goes in a circle. */
export const mostHops = 16;
export const mostBaggageEntries = 64;
export const mostCarriedChars = 8 * 1024;

/** Begins with a letter: never `__proto__`. */
const baggageKey = /^[A-Za-z][\w.-]{0,127}$/;

const isText = (value: unknown, most = 256): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= most;

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= mostBaggageEntries && value.every((one) => isText(one));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what is wrong with what came over a link, or what a service wants to send along. */
export const carriedProblem = (value: unknown): string | undefined => {
  if (!isObject(value)) return 'no context';
  const { hops, tracestate, tenant, auth, baggage, headers, ...rest } = value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `a context with ${unknown.slice(0, 64)}`;
  if (typeof hops !== 'number' || !Number.isInteger(hops) || hops < 0 || hops > mostHops) {
    return 'a context whose hops are none';
  }
  if (tracestate !== undefined && !isText(tracestate, 512)) return 'a tracestate that is none';
  if (tenant !== undefined && !isText(tenant)) return 'a tenant that is none';
  return authProblem(auth) ?? baggageProblem(baggage) ?? headersProblem(headers);
};

const authProblem = (auth: unknown): string | undefined => {
  if (auth === undefined) return undefined;
  if (!isObject(auth)) return 'an auth that is none';
  const { sub, roles = [], scopes = [], ...rest } = auth;
  const isAuth = isText(sub) && isTexts(roles) && isTexts(scopes) && Object.keys(rest).length === 0;
  return isAuth ? undefined : 'an auth that is none';
};

const baggageProblem = (baggage: unknown): string | undefined => {
  if (baggage === undefined) return undefined;
  if (!isObject(baggage)) return 'a baggage that is none';
  const entries = Object.entries(baggage);
  if (entries.length > mostBaggageEntries) {
    return `a baggage of ${entries.length} entries, and ${mostBaggageEntries} is the most`;
  }
  let chars = 0;
  for (const [key, value] of entries) {
    if (!baggageKey.test(key) || typeof value !== 'string') return 'a baggage entry that is none';
    chars += key.length + value.length;
  }
  if (chars <= mostCarriedChars) return undefined;
  return `a baggage of ${chars} characters, and ${mostCarriedChars} is the most`;
};

/** What a call takes along to who answers it, and no further. Names are in lower case. */
export type CallHeaders = Readonly<Record<string, string>>;

const mostHeaders = 64;
const mostHeaderChars = 8 * 1024;

const headerName = /^[a-z][a-z\d-]{0,63}$/;
/** As HTTP has it, a remote service gets them as they are: printable ASCII and tabs. */
const headerValue = /^[\t\x20-\x7e]*$/;

/** They speak of one connection or of one body, or are ours. */
const taken = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
]);

/** Names in lower case; values are left to be checked. */
export const toCallHeaders = (given: CallHeaders): CallHeaders =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));

export const headersProblem = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no headers';
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  if (entries.length > mostHeaders) {
    return `${entries.length} headers, and ${mostHeaders} is the most`;
  }
  let chars = 0;
  for (const [name, text] of entries) {
    const problem = headerProblem(name, text);
    if (problem !== undefined) return problem;
    chars += name.length + String(text).length;
  }
  if (chars <= mostHeaderChars) return undefined;
  return `headers of ${chars} characters, and ${mostHeaderChars} is the most`;
};

const headerProblem = (name: string, value: unknown): string | undefined => {
  if (!headerName.test(name)) return `a header named ${JSON.stringify(name.slice(0, 64))}`;
  if (taken.has(name) || name.startsWith('x-forge-')) return `a header ${name}, which is taken`;
  if (typeof value === 'string' && headerValue.test(value)) return undefined;
  return `a header ${name} whose value is none`;
};

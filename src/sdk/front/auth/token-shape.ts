const longest = 8 * 1024;
const pattern = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
/** Those that only describe; every other one says where a key is, or how to read the token. */
const headerKeys = ['alg', 'cty', 'kid', 'typ', 'x5t', 'x5t#S256'];
const types = ['jwt', 'at+jwt', 'application/at+jwt'];

type Fields = Readonly<Record<string, unknown>>;

/** The token of `Authorization: Bearer …`. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];

/**
 * Says what is wrong with a token before anybody looks at its signature: only one that all programs
 * read alike, and that brings no key of its own, goes on.
 */
export const tokenProblem = (token: string): string | undefined => {
  if (token.length > longest) return `is longer than ${longest} characters`;
  const [, ...parts] = pattern.exec(token) ?? [];
  if (parts.length !== 3) return 'has not three parts';
  if (!parts.every(isCanonical)) return 'can be written in two ways';
  const [header, payload] = parts.map(fieldsOf);
  if (header === undefined || payload === undefined) return 'has a part that is no plain object';
  return headerProblem(header);
};

const isCanonical = (part: string): boolean =>
  Buffer.from(part, 'base64url').toString('base64url') === part;

const headerProblem = (header: Fields): string | undefined => {
  const unknown = Object.keys(header).find((key) => !headerKeys.includes(key));
  if (unknown !== undefined) return `has ${unknown.slice(0, 64)} in its header`;
  const { kid = '', typ = 'JWT' } = header;
  if (typeof kid !== 'string' || kid.length > 256) return 'names a key that is none';
  return types.includes(String(typ).toLowerCase()) ? undefined : 'is of another type';
};

/** Undefined for what is no object, is no UTF-8, or says one thing twice. */
const fieldsOf = (part: string): Fields | undefined => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject || keysWritten(text) !== keysRead(value)) return undefined;
    // Checked just now.
    return value as Fields;
  } catch {
    // It is no JSON, or no text.
    return undefined;
  }
};

const texts = /"(?:[^"\\]|\\.)*"/g;
const keysWritten = (text: string): number => text.replaceAll(texts, '').split(':').length - 1;

const keysRead = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, each) => sum + keysRead(each), own);
};

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { mostKeys } from '../../protocol/rpc/payload-shape.ts';
import { JsonRefused, parseJson } from './json.ts';
import { readInTurns } from './turns.ts';

export const httpError = (httpStatus: number, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { httpStatus, code: `HTTP_${httpStatus}` });

export const tooLarge = (limit: number): Error =>
  httpError(413, `A body may have ${limit} bytes here`);

/** The body of a contract route: JSON or a form; undefined when there is none. */
export const readBody = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const chunks = await collect(request, limit);
  if (chunks.length === 0) return undefined;
  return parseBody(Buffer.concat(chunks).toString('utf8'), request.headers);
};

/** Of a body that somebody else reads: throws when it says that it is too long, and tells when it is. */
export const limitUpload = (
  request: IncomingMessage,
  limit: number,
  exceeded: (error: Error) => void,
): void => {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  let length = 0;
  // A listener for data would set the body flowing before its reader is there.
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding) => {
    length += chunk?.length ?? 0;
    if (length <= limit) return push(chunk, encoding);
    // The rest is heard, so that the client hears the answer, but goes nowhere.
    if (chunk !== null && length - chunk.length <= limit) exceeded(tooLarge(limit));
    return true;
  };
};

/** By hand: an iterator would destroy the request, and with it the answer to it. */
const collect = (request: IncomingMessage, limit: number): Promise<readonly Buffer[]> =>
  new Promise((resolve, reject) => {
    // It hung up before anybody listened.
    if (request.destroyed) reject(new Error('The client is gone'));
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limit) return;
      for (const each of chunks.splice(0)) giveBack(each);
      // The rest is heard, so that the client hears the answer.
      request.off('data', take).on('data', giveBack);
      reject(tooLarge(limit));
    };
    readInTurns(request);
    request.on('data', take);
    request.once('end', () => resolve(chunks));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The client is gone')));
  });

/**
 * Of what nobody reads. Left to a collection, it would ask for one of everything there is: 32 MB of a body are
 * more than all else that an ingress holds.
 */
const giveBack = ({ buffer, byteLength }: Buffer): void => {
  if (byteLength === buffer.byteLength) (buffer as ArrayBuffer).transfer(0);
};

/** What the text of a body says, by what the headers say of it. */
export const parseBody = (text: string, headers: IncomingHttpHeaders): unknown =>
  kindOf(headers) === 'form' ? formIn(text) : jsonIn(text);

const jsonType = /^(?:application\/json|[\w.-]+\/[\w.+-]+\+json)$/;
const charsetPattern = /;\s*charset\s*=\s*"?([\w.:-]+)/i;
const formType = 'application/x-www-form-urlencoded';

/**
 * Any page may send plain text, or no type at all, wherever its reader's browser gets, and nobody is
 * asked before: what comes like that is no JSON. A page names its origin, so that a program which says
 * no type is not taken for one.
 */
const kindOf = (headers: IncomingHttpHeaders): 'json' | 'form' => {
  const { origin, 'content-type': said = '', 'content-encoding': encoding } = headers;
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw httpError(415, 'A body with a Content-Encoding is not read here');
  }
  const type = said.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const [, charset = 'utf-8'] = charsetPattern.exec(said) ?? [];
  // ASCII is UTF-8 as well; of all else the letters would become others, and nobody would be told.
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw httpError(415, `A body is UTF-8 here, not ${charset}: say charset=utf-8, and send that`);
  }
  if (jsonType.test(type) || (type === '' && origin === undefined)) return 'json';
  if (type === formType) return 'form';
  throw httpError(415, `The Content-Type of a body is application/json or ${formType} here`);
};

/** A name that comes again has a list of what it says, as in a query. */
const formIn = (text: string): unknown => {
  const fields = new URLSearchParams(text);
  if (fields.size > mostKeys) throw httpError(400, `The body has more than ${mostKeys} keys`);
  const said = new Map<string, string | string[]>();
  for (const [name, value] of fields) {
    const before = said.get(name);
    if (Array.isArray(before)) before.push(value);
    else said.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(said);
};

const jsonIn = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch (cause) {
    throw httpError(
      400,
      `The body ${cause instanceof JsonRefused ? cause.message : 'is not JSON'}`,
      cause,
    );
  }
};

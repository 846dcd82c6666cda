import type { IncomingMessage } from 'node:http';

const limitBytes = 1024 * 1024;

const refuse = (httpStatus: number, message: string): Error =>
  Object.assign(new Error(message), { httpStatus, code: `HTTP_${httpStatus}` });

/** The body of a contract route: JSON or a form; undefined when there is none. */
export const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > limitBytes) throw refuse(413, `A body may have ${limitBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (length === 0) return undefined;
  return parse(Buffer.concat(chunks).toString('utf8'), request.headers['content-type'] ?? '');
};

const parse = (text: string, type: string): unknown => {
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(refuse(400, 'The body is not JSON'), { cause });
  }
};

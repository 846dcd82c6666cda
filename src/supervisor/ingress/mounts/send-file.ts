import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import send from '@fastify/send';
import type { StreamedAnswer } from '../../../sdk/front/answer/answers.ts';
import { type Encoding, encodingOf } from '../../../sdk/front/answer/compression.ts';
import { jsonType, withVary } from '../../../sdk/front/answer/head-policy.ts';
import { errorAnswer } from '../../../sdk/front/answer/whole-answer.ts';
import { httpError } from '../../../sdk/front/body.ts';
import { type Found, findFile } from './find-file.ts';

const yearMs = 365 * 86_400_000;
const suffixes = { br: '.br', gzip: '.gz' } as const;

/** A file with its type, its mark and its age; a part of it when that is asked for. */
export const sendFile = async (
  request: IncomingMessage,
  found: Found,
  isImmutable: boolean,
): Promise<StreamedAnswer | undefined> => {
  const ready = await compressedBeside(request, found);
  const { statusCode, headers, stream, type } = await send(request, urlOf(ready?.found ?? found), {
    root: found.root,
    // Hidden and foreign files were refused before; a link may lead to a hidden one of the folder.
    dotfiles: 'allow',
    index: false,
    contentType: ready === undefined,
    immutable: isImmutable,
    maxAge: isImmutable ? yearMs : 0,
    acceptRanges: isRange(request.headers.range),
  });
  // It went away just now.
  if (type === 'error' && statusCode === 404) return undefined;
  if (type === 'error') {
    stream.destroy();
    return refusal(statusCode, headers['Content-Range']);
  }
  // Also of what is sent as it is, or not sent again: a cache has one of these headers for all.
  const own = withVary(lowerCase(headers), 'Accept-Encoding');
  if (ready === undefined) return { status: statusCode, headers: own, body: stream };
  const encoded = { ...own, 'content-type': typeOf(found), 'content-encoding': ready.encoding };
  return { status: statusCode, headers: encoded, body: stream };
};

/** What is no range asks for all of it; one that the file does not have is refused. */
const isRange = (range: string | undefined): boolean =>
  range === undefined || /^bytes=(?:\s*(?:\d+-\d*|-\d+)\s*(?:,|$))+$/.test(range);

const reasons: Readonly<Record<number, string>> = {
  412: 'The file is another one than the request wants',
  416: 'The file has no such part',
};

/** As every other error of this port is told, and with how long the file is, if it is about that. */
const refusal = (status: number, contentRange: string | undefined): StreamedAnswer => {
  const error = httpError(status, reasons[status] ?? 'The file cannot be read');
  const text = JSON.stringify(errorAnswer(error).body);
  const headers = {
    'content-type': jsonType,
    'content-length': Buffer.byteLength(text),
    ...(contentRange === undefined ? {} : { 'content-range': contentRange }),
  };
  return { status, headers, body: Readable.from([text]) };
};

type Ready = { readonly encoding: Encoding; readonly found: Found };

/** A build may have put `app.js.br` beside `app.js`. */
const compressedBeside = async (
  { headers }: IncomingMessage,
  { root, file }: Found,
): Promise<Ready | undefined> => {
  const { 'accept-encoding': accepted, range } = headers;
  const encoding = range === undefined ? encodingOf(accepted) : undefined;
  if (encoding === undefined) return undefined;
  const found = await findFile(root, `${relative(root, file)}${suffixes[encoding]}`);
  return found === undefined ? undefined : { encoding, found };
};

const urlOf = ({ root, file }: Found): string =>
  `/${relative(root, file).split(sep).map(encodeURIComponent).join('/')}`;

const typeOf = ({ file }: Found): string => {
  const type = send.mime.getType(file) ?? 'application/octet-stream';
  return send.isUtf8MimeType(type) ? `${type}; charset=utf-8` : type;
};

const lowerCase = (headers: Readonly<Record<string, string>>): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

import type { ServerResponse } from 'node:http';
import { megabytes } from '../../../protocol/units.ts';
import { type Exchange, endStream, isHttp2 } from '../exchange.ts';
import { readInTurns } from '../turns.ts';

/** So long a client is heard behind the last answer on its connection. */
export const lingerMs = 500;
const lingerBytes = megabytes(16);

/** Not ended yet, though there is nothing more to come. */
const lingering = new WeakSet<ServerResponse>();

/** Whether all of it was written, so that a connection that ends now cuts nothing off. */
export const isAllSaid = (response: ServerResponse): boolean =>
  response.writableEnded || lingering.has(response);

/** A client that is still sending would lose its answer by a reset: it is heard for a moment. */
export const sendLast = ({ request, response }: Exchange, text: string): void => {
  if (request.complete) {
    response.end(text);
    return;
  }
  if (isHttp2(request)) {
    response.end(text, () => endStream(response));
    return;
  }
  lingering.add(response);
  response.write(text);
  const end = (): void => void response.end();
  const timer = setTimeout(end, lingerMs);
  const { socket } = request;
  const most = socket.bytesRead + lingerBytes;
  request.on('data', () => {
    if (socket.bytesRead > most) end();
  });
  readInTurns(request.resume().once('end', end));
  response.once('close', () => clearTimeout(timer));
};

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Clients } from '../../../src/sdk/front/clients.ts';
import { Exchange } from '../../../src/sdk/front/exchange.ts';

/** A server of which it is asked now and then who has said nothing. */
const listen = async () => {
  const clients = new Clients();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const exchange = new Exchange(request, response);
    clients.began(exchange, { giveUp: () => undefined });
    response.once('close', () => clients.ended(exchange));
    if (request.url !== '/hang') response.end('well');
  });
  clients.watch(server, 'connection');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const lines: Socket[] = [];
  server.on('connection', (line) => lines.push(line));
  const heard = (): number => lines.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const { port } = server.address() as AddressInfo;
  const open = (): Socket => connect(port, '127.0.0.1');
  const end = async (): Promise<void> => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  };
  return { clients, open, heard, [Symbol.asyncDispose]: end };
};

const say = (socket: Socket, path: string): void => {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
};

const ask = async (socket: Socket): Promise<void> => {
  say(socket, '/');
  await once(socket, 'data');
};

test('who has said nothing since two looks is hung up on; who asks, waits or speaks is not', async () => {
  await using front = await listen();
  const [silent, asking, waiting, speaking] = [
    front.open(),
    front.open(),
    front.open(),
    front.open(),
  ];
  for (const socket of [silent, asking, speaking]) await ask(socket);
  say(waiting, '/hang');
  await expect.poll(() => front.clients.underway().length).toBe(1);

  front.clients.closeSilent(0);
  await ask(asking);
  const before = front.heard();
  speaking.write('GET / HT');
  await expect.poll(front.heard).toBeGreaterThan(before);
  const gone = once(silent, 'close');
  front.clients.closeSilent(0);
  await gone;

  await expect.poll(() => front.clients.size).toBe(3);
  await ask(asking);
  speaking.write('TP/1.1\r\nHost: a\r\n\r\n');
  await once(speaking, 'data');
  for (const socket of [asking, waiting, speaking]) socket.destroy();
  await expect.poll(() => front.clients.size).toBe(0);
});

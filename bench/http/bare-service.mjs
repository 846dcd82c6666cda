import { createServer } from 'node:net';
import { bareLink } from './bare-link.mjs';

createServer((socket) => {
  const send = bareLink(socket, ({ id }) => send({ id, value: { hello: 'world' } }));
}).listen(process.env.SOCKET, () => process.send('ready'));

import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { bareLink } from './bare-link.mjs';

/** The least that a gateway and a service behind it can be: node:http and a Unix socket. */
const service = fork(new URL('./bare-service.mjs', import.meta.url));
process.once('SIGTERM', () => {
  service.kill();
  process.exit();
});
await new Promise((resolve) => service.once('message', resolve));
const waiting = new Map();
let nextId = 0;
const send = bareLink(connect(process.env.SOCKET), ({ id, value }) => {
  waiting.get(id)(value);
  waiting.delete(id);
});
const call = (args) =>
  new Promise((resolve) => {
    nextId += 1;
    waiting.set(nextId, resolve);
    send({ id: nextId, args });
  });

createServer(async (request, response) => {
  const text = JSON.stringify(await call([request.url]));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}).listen(Number(process.env.PORT), '127.0.0.1');

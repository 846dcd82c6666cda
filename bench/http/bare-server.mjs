import { createServer } from 'node:http';

/** What Node can do at most: one process, one answer, nothing else. */
createServer((_request, response) => {
  const text = JSON.stringify({ hello: 'world' });
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}).listen(Number(process.env.PORT), '127.0.0.1');

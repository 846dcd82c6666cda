import { createServer } from 'node:http';
import { userOf } from '../../../test/fixtures/apps/calls/answers.ts';

globalThis.platformatic.messaging.handle('getUser', ({ id }) => userOf(id));

export const create = () =>
  createServer((request, response) => {
    const text = JSON.stringify(
      request.url === '/hello'
        ? { hello: 'world' }
        : userOf(Number(request.url.slice('/users/'.length))),
    );
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });

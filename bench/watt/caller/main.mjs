import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { drive } from '../../../test/fixtures/apps/calls/drive.ts';

const asks = {
  fetch: async (id) => (await fetch(`http://users.plt.local/users/${id}`)).json(),
  messaging: (id) => globalThis.platformatic.messaging.send('users', 'getUser', { id }),
};

/** A job comes by POST to the way of asking; `/fetch` and `/messaging` alone ask once. */
export const create = () =>
  createServer(async (request, response) => {
    const ask = asks[request.url.slice(1)];
    const figures =
      request.method === 'POST' ? await drive(ask, await json(request)) : await ask(1);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(figures));
  });

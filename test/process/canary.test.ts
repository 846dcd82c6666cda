import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { writeApp } from '../helpers/written-app.ts';

const users = `
import { Service } from 'threadforge';
export default class Users extends Service {
  static contract = { expose: ['who'], routes: [{ method: 'GET', path: '/who', handler: 'who' }] };
  onStart({ router, name }) {
    router.get('/raw', (_request, response) => response.end(JSON.stringify(name)));
    router.upgrade('/socket', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: name\\r\\n\\r\\n' + name);
    });
  }
  who() { return this.ctx.name; }
}
`;
const front = `
import { Service } from 'threadforge';
export default class Front extends Service {
  static contract = { expose: ['ask', 'askFor'] };
  async ask(times) {
    const names = await Promise.all(Array.from({ length: times }, () => this.users.who()));
    return names.filter((name) => name === 'next').length;
  }
  async askFor(key) {
    const sticking = this.users.with({ key });
    return new Set(await Promise.all(Array.from({ length: 50 }, () => sticking.who()))).size;
  }
}
`;
const config = `
export default {
  app: 'trial', http: { port: 0 },
  services: {
    next: { entry: './users.mjs' },
    users: { entry: './users.mjs', routing: { canary: { service: 'next', percent: 50 } } },
    front: { entry: './front.mjs', connects: ['users'] },
  },
};
`;

test('a service on trial answers its share of calls and of requests from outside', async () => {
  using files = writeApp({ 'users.mjs': users, 'front.mjs': front, 'forge.config.mjs': config });
  await using app = await startApp(files.directory);
  const call = async (...args: readonly string[]) =>
    Number((await app.forge('call', ...args)).stdout);
  // Beyond these bounds once in a thousand million times.
  const share = await call('front.ask', '1000');
  expect(share).toBeGreaterThan(400);
  expect(share).toBeLessThan(600);
  for (const key of ['"a"', '"b"', '"c"']) expect(await call('front.askFor', key)).toBe(1);

  const routes = (await app.forge('routes')).stdout.trim().split('\n');
  expect(routes.filter((line) => line.includes('next'))).toEqual([]);
  const ask = (path: string) => fetch(`${app.http}${path}`).then((answer) => answer.json());
  for (const asked of [() => ask('/who'), () => ask('/raw'), () => nameBySocket(app.http)]) {
    const answers = await Promise.all(Array.from({ length: 200 }, asked));
    expect(answers.filter((name) => name === 'next').length).toBeGreaterThan(50);
    expect(answers.filter((name) => name === 'users').length).toBeGreaterThan(50);
  }
});

const nameBySocket = async (origin: string): Promise<string> => {
  const headers = { connection: 'upgrade', upgrade: 'name' };
  const [, socket, head] = await once(request(`${origin}/socket`, { headers }).end(), 'upgrade');
  return `${head}${await text(socket)}`;
};

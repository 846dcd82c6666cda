import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  audience,
  issuer,
  type KeyFile,
  keyFile,
  newSigner,
  type Signer,
} from '../../helpers/signer.ts';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';

let app: IngressApp;
let signer: Signer;
let keys: KeyFile;

beforeAll(async () => {
  signer = await newSigner('a');
  keys = keyFile([signer.publicKey]);
  const auth = { keys: keys.file, issuer, audience };
  app = await startIngressApp({ members: { entry: './services/members.mjs', port: 0 } }, { auth });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  keys[Symbol.dispose]();
});

const originOf = (way: string): string =>
  way === 'ingress' ? app.origin : `http://127.0.0.1:${app.engine.front.portOf('members')}`;

describe.each(['ingress', 'own port'])('a route for those who send a token, at the %s', (way) => {
  const ask = (path: string, token?: string, options: RequestInit = {}) =>
    fetch(`${originOf(way)}${path}`, {
      ...options,
      headers: {
        ...options.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });

  test('knows them', async () => {
    const token = await signer.sign({ roles: ['clerk'], scope: 'read', tenant: 'acme' });
    const answer = await ask('/me', token);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      auth: { sub: 'ada', roles: ['clerk'], scopes: ['read'] },
      tenant: 'acme',
    });
  });

  test('is for nobody else', async () => {
    const stranger = await newSigner('a');
    const answers = await Promise.all([
      ask('/me'),
      ask('/me', undefined, { headers: { authorization: 'Basic YTpi' } }),
      ask('/me', await stranger.sign()),
      ask('/me', await signer.sign({ exp: 1 })),
    ]);
    expect(answers.map(({ status, headers }) => [status, headers.get('www-authenticate')])).toEqual(
      [
        [401, 'Bearer'],
        [401, 'Bearer'],
        [401, 'Bearer error="invalid_token"'],
        [401, 'Bearer error="invalid_token"'],
      ],
    );
  });

  test('takes one of its roles, and needs all of its scopes', async () => {
    const statusOf = async (path: string, claims: object): Promise<number> =>
      (await ask(path, await signer.sign(claims), { method: path === '/clerks' ? 'GET' : 'POST' }))
        .status;
    expect(await statusOf('/clerks', { roles: ['admin'] })).toBe(200);
    expect(await statusOf('/clerks', { roles: ['client'] })).toBe(403);
    expect(await statusOf('/clerks', {})).toBe(403);
    expect(await statusOf('/writers', { scope: 'write read' })).toBe(201);
    expect(await statusOf('/writers', { scope: 'write' })).toBe(403);
  });

  test('does not read the body of a stranger', async () => {
    const answer = await ask('/writers', undefined, { method: 'POST', body: '{"no": JSON' });
    expect(answer.status).toBe(401);
  });

  test('takes a request for the same one when its client has a newer token', async () => {
    const order = async (claims: object): Promise<unknown> => {
      const headers = { 'idempotency-key': `order-${way.length}` };
      return (await ask('/orders', await signer.sign(claims), { method: 'POST', headers })).json();
    };
    const first = await order({ jti: '1' });
    expect(await order({ jti: '2' })).toBe(first);
    expect(await order({ sub: 'eve' })).not.toBe(first);
  });

  test('says nothing of who it is on one that is open', async () => {
    expect(await (await ask('/open', await signer.sign())).json()).toEqual({});
  });
});

test('without http.auth a route for those who send a token is for nobody', async () => {
  await using other = await startIngressApp({
    members: { entry: './services/members.mjs', port: 0 },
  });
  const headers = { authorization: `Bearer ${await signer.sign()}` };
  for (const origin of [other.origin, `http://127.0.0.1:${other.engine.front.portOf('members')}`]) {
    expect((await fetch(`${origin}/me`, { headers })).status).toBe(503);
    expect((await fetch(`${origin}/open`, { headers })).status).toBe(200);
  }
});

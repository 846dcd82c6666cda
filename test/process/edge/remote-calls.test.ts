import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OutboundCall } from '../../../src/sdk/rpc/calls.ts';
import { callerOf } from '../../helpers/rpc.ts';
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
  app = await startIngressApp(
    {
      billing: { entry: './services/billing.mjs' },
      secrets: { entry: './services/billing.mjs' },
    },
    {
      auth: { keys: keys.file, issuer, audience },
      calls: { services: ['billing'], roles: ['app'] },
    },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  keys[Symbol.dispose]();
});

/** As a service of another app calls one that its config says is here. */
const call = async (
  method: string,
  {
    claims = { sub: 'shop', roles: ['app'] },
    ...change
  }: Partial<OutboundCall> & { claims?: object } = {},
): Promise<unknown> => {
  using other = callerOf([]);
  other.caller.update({
    generation: 1,
    services: {},
    remotes: ['billing', 'secrets'].map((name) => ({ name, address: app.origin })),
  });
  const headers = { authorization: `Bearer ${await signer.sign(claims)}` };
  return await other.caller.call({
    ...{ kind: 'call', service: 'billing', method, args: [], from: 'orders' },
    carried: { hops: 1, headers },
    ...change,
  });
};

describe('a service of another app', () => {
  test('is called by its methods, and told on whose behalf', async () => {
    expect(await call('charge', { args: ['ada', 7] })).toEqual({
      ...{ customer: 'ada', sum: 7, by: 'shop', from: 'ingress', isTraced: true },
    });
    expect(await call('nothing')).toBeUndefined();
  });

  test('refuses with its own code, and says nothing of what went wrong inside', async () => {
    await expect(call('refuse')).rejects.toMatchObject({
      ...{ code: 'PAID', message: 'paid already', httpStatus: 409 },
    });
    await expect(call('fail')).rejects.toMatchObject({
      ...{ code: 'INTERNAL', message: 'The service failed', httpStatus: 500 },
    });
  });

  test.each(['private', 'constructor', 'onStart', '__proto__', 'toString'])(
    'offers what its contract exposes, and not %s',
    async (method) => {
      await expect(call(method)).rejects.toMatchObject({ code: 'METHOD_NOT_EXPOSED' });
    },
  );

  test('is not there when the config does not name it', async () => {
    await expect(call('charge', { service: 'secrets' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const headers = { authorization: `Bearer ${await signer.sign({ roles: ['app'] })}` };
    for (const target of ['ingress.charge', 'billing.charge.charge', '.charge', 'charge', '']) {
      const url = `${app.origin}/__forge/call/${target}`;
      expect((await fetch(url, { method: 'POST', headers, body: '[]' })).status).toBe(404);
    }
  });

  test('is for apps that prove who they are', async () => {
    await expect(call('charge', { claims: { sub: 'ada' } })).rejects.toMatchObject({
      code: 'HTTP_403',
    });
    await expect(call('charge', { carried: { hops: 0 } })).rejects.toMatchObject({
      code: 'HTTP_401',
    });
  });

  test('hears that nobody waits any more', async () => {
    await expect(call('wait', { deadlineMs: 200 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    await expect.poll(() => call('waited')).toBe(true);
  });

  test('takes a list of arguments by POST, and nothing else', async () => {
    const headers = {
      authorization: `Bearer ${await signer.sign({ roles: ['app'] })}`,
      'content-type': 'application/json',
    };
    const ask = (options: RequestInit) =>
      fetch(`${app.origin}/__forge/call/billing.charge`, { headers, ...options });
    expect((await ask({ method: 'POST', body: '{"0":"ada"}' })).status).toBe(400);
    expect((await ask({ method: 'POST', body: '["ada",' })).status).toBe(400);
    const got = await ask({ method: 'GET' });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

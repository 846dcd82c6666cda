import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ms } from '../../src/protocol/units.ts';
import { TokenInvalid, Tokens } from '../../src/sdk/front/auth/tokens.ts';
import { audience, issuer, keyFile, newSigner, type Signer } from '../helpers/signer.ts';

const tokensOf = (keys: string): Tokens =>
  new Tokens({
    ...{ keys, issuer, audience, leeway: ms(60_000) },
    claims: { roles: 'realm.roles', scopes: 'scope', tenant: 'org' },
  });

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1_000);

let signer: Signer;
let rsa: Signer;
let file: ReturnType<typeof keyFile>;
let tokens: Tokens;

beforeAll(async () => {
  [signer, rsa] = await Promise.all([newSigner('a'), newSigner('r', 'RS256')]);
  file = keyFile([signer.publicKey, rsa.publicKey]);
  tokens = tokensOf(file.file);
});
afterAll(() => file[Symbol.dispose]());

test('a token says who sent it, and what that one may', async () => {
  const claims = { realm: { roles: ['admin', 7] }, scope: 'read write', org: 'acme' };
  const expected = {
    auth: { sub: 'ada', roles: ['admin'], scopes: ['read', 'write'] },
    tenant: 'acme',
  };
  for (const each of [signer, rsa]) {
    const token = await each.sign(claims);
    expect(await tokens.identify(token)).toEqual(expected);
    expect(await tokens.identify(token)).toEqual(expected);
  }
  expect(await tokens.identify(await signer.sign({ aud: ['other', audience] }))).toEqual({
    auth: { sub: 'ada', roles: [], scopes: [] },
  });
});

test('keys that were prepared need not be looked for by the first token', async () => {
  const token = await signer.sign();
  const early = keyFile([signer.publicKey]);
  const prepared = tokensOf(early.file);
  await prepared.prepare();
  early[Symbol.dispose]();
  expect(await prepared.identify(token)).toMatchObject({ auth: { sub: 'ada' } });
  await expect(tokensOf(early.file).identify(token)).rejects.toMatchObject({ httpStatus: 503 });
  await tokensOf(early.file).prepare();
});

/** The same token with another header, payload or signature. */
const changed = async (
  change: (parts: readonly [string, string, string]) => readonly string[],
): Promise<string> => {
  const [header = '', payload = '', signature = ''] = (await signer.sign()).split('.');
  return change([header, payload, signature]).join('.');
};

/** Signed as it is written, which no library would do. */
const signedText = async (header: string, payload: string): Promise<string> => {
  const data = `${encode(header)}.${encode(payload)}`;
  const hash = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(hash, signer.secret, Buffer.from(data));
  return `${data}.${Buffer.from(signature).toString('base64url')}`;
};
const plainHeader = '{"alg":"ES256","kid":"a"}';
const plainPayload = (): string =>
  `{"iss":"${issuer}","aud":"${audience}","sub":"ada","exp":${now() + 60}}`;

/** With what everybody can read taken for a secret. */
const byHmac = (header: object, secret: string): string => {
  const data = `${encode(header)}.${encode(plainPayload())}`;
  return `${data}.${createHmac('sha256', secret).update(data).digest('base64url')}`;
};

const bad: Readonly<Record<string, () => Promise<string> | string>> = {
  'no token': () => 'abc',
  'four parts': async () => `${await signer.sign()}.x`,
  'a hundred kilobytes': async () => signer.sign({ text: 'x'.repeat(100_000) }),
  'nobody signed': () => `${encode({ alg: 'none' })}.${encode(plainPayload())}.`,
  'nobody signed, in other letters': () => `${encode({ alg: 'nOnE' })}.${encode(plainPayload())}.`,
  'a signature of nothing': () => changed(([header, payload]) => [header, payload, 'AA']),
  'another signature': () =>
    changed(([header, payload, signature]) => [header, payload, [...signature].reverse().join('')]),
  'another payload': () =>
    changed(([header, _payload, signature]) => [header, encode(plainPayload()), signature]),
  'signed with the public key as a secret': () =>
    byHmac({ alg: 'HS256', kid: 'r' }, JSON.stringify(rsa.publicKey)),
  'signed with an empty secret': () => byHmac({ alg: 'HS256' }, ''),
  'of a key that is unknown': async () => (await newSigner('x')).sign(),
  'of another key by the same name': async () => (await newSigner('a')).sign(),
  'by the name of a key of another kind': () => signer.sign({}, { kid: 'r' }),
  'with a path for a name': () => signer.sign({}, { kid: '../../dev/null' }),
  'with a long name': () => signer.sign({}, { kid: 'a'.repeat(300) }),
  'with a key of its own': () => signer.sign({}, { jwk: signer.publicKey }),
  'with an address of keys': () => signer.sign({}, { jku: 'https://evil.example/jwks.json' }),
  'with certificates of its own': () => signer.sign({}, { x5c: ['MIIB'] }),
  'with an address of certificates': () => signer.sign({}, { x5u: 'https://evil.example/x' }),
  'with an extension that must be understood': () =>
    signedText('{"alg":"ES256","kid":"a","crit":["x"],"x":1}', plainPayload()),
  'of another type': () => signer.sign({}, { typ: 'dpop+jwt' }),
  'of another algorithm for the key': () => signedText('{"alg":"ES384","kid":"a"}', plainPayload()),
  'out of time': () => signer.sign({ exp: now() - 61 }),
  'not yet': () => signer.sign({ nbf: now() + 62 }),
  'without an end': () => signer.sign({ exp: undefined }),
  'with a text for an end': () => signer.sign({ exp: '9999999999' }),
  'of nobody': () => signer.sign({ sub: undefined }),
  'of an empty name': () => signer.sign({ sub: '' }),
  'of a name that is none': () => signer.sign({ sub: { admin: true } }),
  'from another issuer': () => signer.sign({ iss: 'https://evil.example' }),
  'from no issuer': () => signer.sign({ iss: undefined }),
  'for others': () => signer.sign({ aud: ['shop2', 'shop '] }),
  'for nobody': () => signer.sign({ aud: undefined }),
  'with one claim twice': () =>
    signedText(plainHeader, plainPayload().replace('"sub":"ada"', '"sub":"ada","sub":"eve"')),
  'with one claim twice, deep inside': () =>
    signedText(plainHeader, plainPayload().replace('}', ',"realm":{"a":[{"b":1,"b":2}]}}')),
  'with one header twice': () =>
    signedText('{"alg":"none","alg":"ES256","kid":"a"}', plainPayload()),
  'whose payload is a list': () => signedText(plainHeader, `[${plainPayload()}]`),
  'whose payload is no JSON': () => signedText(plainHeader, 'sub=ada'),
  'with a blank': () =>
    changed(([header, payload, signature]) => [header, ` ${payload}`, signature]),
  'with signs to fill up': () =>
    changed(([header, payload, signature]) => [header, payload, `${signature}==`]),
  'with signs of the other base64': () =>
    changed(([header, payload, signature]) => [header, payload, `+${signature.slice(1)}`]),
  'with bits that say nothing': () =>
    changed(([header, payload, signature]) => [
      header,
      payload,
      `${signature.slice(0, -1)}${nextOf(signature.at(-1))}`,
    ]),
};

/** The sign that differs in its last bit only, which of 64 bytes is not used. */
const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
function nextOf(sign = 'A'): string {
  return signs[signs.indexOf(sign) ^ 1] ?? '';
}

test.for(Object.entries(bad))('a token is refused: %s [E6]', async ([, make]) => {
  await expect(tokens.identify(await make())).rejects.toThrow(TokenInvalid);
});

test('what is signed by hand is else taken, so that the above is refused for what it says', async () => {
  expect(await tokens.identify(await signedText(plainHeader, plainPayload()))).toMatchObject({
    auth: { sub: 'ada' },
  });
  for (const [claim, by] of [
    ['exp', -55],
    ['nbf', 55],
  ] as const) {
    await tokens.identify(await signer.sign({ [claim]: now() + by }));
  }
});

describe('keys', () => {
  test('that are secret, or that nobody could check with, make a file that is not taken', async () => {
    const short = { ...rsa.publicKey, n: 'AQAB'.repeat(40) };
    const secret = { kty: 'oct', k: 'c2VjcmV0' };
    const own = { ...rsa.publicKey, d: 'x' };
    for (const keys of [[], [short], [signer.publicKey, secret], [signer.publicKey, own]]) {
      using other = keyFile([...keys]);
      const token = await signer.sign();
      await expect(tokensOf(other.file).identify(token)).rejects.toMatchObject({ httpStatus: 503 });
    }
  });

  test('that were taken away take their tokens along, and new ones are found at once', async () => {
    using other = keyFile([signer.publicKey]);
    const renewed = tokensOf(other.file);
    const old = await signer.sign();
    await renewed.identify(old);
    const next = await newSigner('b');
    other.write([next.publicKey]);
    await renewed.identify(await next.sign());
    await expect(renewed.identify(old)).rejects.toThrow(TokenInvalid);
  });

  test('are not looked for elsewhere, and not without an end [D11] [E6]', async () => {
    const visits: unknown[] = [];
    const server = createServer((request, response) => {
      visits.push(request.url);
      if (request.url === '/inside') response.end(JSON.stringify({ keys: [signer.publicKey] }));
      else if (request.url === '/moved') response.writeHead(302, { location: '/inside' }).end();
      else response.end(JSON.stringify({ keys: [signer.publicKey], more: 'x'.repeat(300_000) }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['/moved', '/large']) {
      const token = await signer.sign();
      const distant = tokensOf(`http://127.0.0.1:${port}${path}`);
      await expect(distant.identify(token)).rejects.toMatchObject({ httpStatus: 503 });
    }
    expect(visits).toEqual(['/moved', '/large']);
    server.close();
    server.closeAllConnections();
  });

  test('of an address are asked for once, also when tokens name keys that are unknown', async () => {
    let asked = 0;
    let keys = [signer.publicKey];
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const distant = tokensOf(`http://127.0.0.1:${port}/jwks.json`);
    await Promise.all(
      Array.from({ length: 10 }, async () => distant.identify(await signer.sign())),
    );
    expect(asked).toBe(1);
    keys = [...keys, rsa.publicKey];
    // Whoever makes up names of keys cannot make it be asked all the time.
    await expect(distant.identify(await rsa.sign())).rejects.toThrow(TokenInvalid);
    expect(asked).toBe(1);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await distant.identify(await signer.sign());
  });
});

test('a token of a private key that is of no set is refused, although its key is sound', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ sub: 'ada' })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(privateKey);
  await expect(tokens.identify(token)).rejects.toThrow(TokenInvalid);
});

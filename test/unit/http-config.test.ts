import { describe, expect, test } from 'vitest';
import { configChanges } from '../../src/supervisor/config/config-changes.ts';
import { fixedChange } from '../../src/supervisor/config/fixed-change.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: (path: string) => !path.includes('missing'),
};
const parse = (http: object) =>
  parseConfig({ services: { users: { entry: './users.js' } }, http }, around);

const signed = { keys: 'jwks.json', issuer: 'https://login.example', audience: 'shop' };
const site = { cert: 'tls/site.pem', key: 'tls/site.key' };

test('paths of http are absolute, times and sizes are numbers', () => {
  const { http } = parse({
    tls: { certificates: [site], minVersion: 'TLSv1.3', hsts: '1 d' },
    http2: true,
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'],
    cors: { origins: ['https://shop.example', 'http://localhost:5173'] },
    mounts: [{ path: '/docs', directory: 'docs', host: 'Shop.Example.' }],
    limits: { upload: '2GB', stall: '1 s' },
    admin: { port: 9_090 },
  });
  expect(http).toMatchObject({
    tls: {
      certificates: [{ cert: '/app/tls/site.pem', key: '/app/tls/site.key' }],
      minVersion: 'TLSv1.3',
      hsts: 86_400_000,
    },
    cors: { credentials: false, maxAge: 600_000 },
    mounts: [{ path: '/docs', directory: '/app/docs', host: 'shop.example' }],
    limits: { upload: 2 * 1024 ** 3, stall: 1_000, head: 16_384 },
    admin: { port: 9_090, host: '127.0.0.1' },
  });
});

test('a page of a named origin may send JSON, a token and a key, unless its headers are listed', () => {
  const headersOf = (cors: object) =>
    parse({ cors: { origins: ['https://shop.example'], ...cors } }).http.cors?.headers;
  expect(headersOf({})).toEqual(['content-type', 'authorization', 'idempotency-key']);
  expect(headersOf({ headers: ['x-cart'] })).toEqual(['x-cart']);
  expect(headersOf({ headers: [] })).toEqual([]);
});

test('who signs tokens is said by a file or an address, and the rest has its usual names', () => {
  const auth = { keys: 'jwks.json', issuer: 'https://login.example', audience: 'shop' };
  expect(parse({ auth }).http.auth).toEqual({
    ...auth,
    keys: '/app/jwks.json',
    leeway: 60_000,
    claims: { roles: 'roles', scopes: 'scope', tenant: 'tenant' },
  });
  const keys = 'https://login.example/jwks.json';
  const claims = { roles: 'realm_access.roles', tenant: 'org' };
  expect(parse({ auth: { ...auth, keys, leeway: '5 s', claims } }).http.auth).toMatchObject({
    keys,
    leeway: 5_000,
    claims: { roles: 'realm_access.roles', scopes: 'scope', tenant: 'org' },
  });
});

test('other apps may call what is named, and be asked for more than a token', () => {
  const calls = { services: ['users'], roles: ['app'] };
  expect(parse({ auth: signed, calls }).http.calls).toEqual(calls);
  expect(parse({ auth: signed, calls: { ...calls, scopes: [] } }).http.calls).toEqual(calls);
});

test('an access log of nothing is none', () => {
  expect(parse({ accessLog: { percent: 0 } }).http).not.toHaveProperty('accessLog');
  expect(parse({ accessLog: { slowerThan: '1 s' } }).http.accessLog).toEqual({
    percent: 0,
    failures: false,
    slowerThan: 1_000,
  });
});

describe('a setting of http that cannot be is refused, with its place', () => {
  const wrong: Readonly<Record<string, object>> = {
    'http.tls.certificates': { tls: {} },
    'http.tls.certificates is empty': { tls: { certificates: [] } },
    'http.tls.certificates.0.key is missing': { tls: { certificates: [{ cert: 'a.pem' }] } },
    'http.tls.certificates.1.cert names missing.pem': {
      tls: { certificates: [site, { ...site, cert: 'missing.pem' }] },
    },
    'http.tls.minVersion': { tls: { certificates: [site], minVersion: 'TLSv1' } },
    'http.auth.keys is missing': { auth: {} },
    'http.auth.keys names missing.json': {
      auth: { keys: 'missing.json', issuer: 'a', audience: 'b' },
    },
    'http.auth.keys is http://login.example/jwks': {
      auth: { keys: 'http://login.example/jwks', issuer: 'a', audience: 'b' },
    },
    'http.auth.issuer is missing': { auth: { keys: 'jwks.json', audience: 'b' } },
    'http.auth.audience is missing': { auth: { keys: 'jwks.json', issuer: 'a' } },
    'http.auth.claims.role': {
      auth: { keys: 'jwks.json', issuer: 'a', audience: 'b', claims: { role: 'x' } },
    },
    'http.accessLog.percent': { accessLog: { percent: 101 } },
    'http.accessLog.failures': { accessLog: { failures: 'yes' } },
    'http.calls needs http.auth': { calls: { services: ['users'] } },
    'http.calls.services is empty': { auth: signed, calls: { roles: ['app'] } },
    'http.calls.services names user, which': { auth: signed, calls: { services: ['user'] } },
    'http.http2 needs http.tls': { http2: true },
    'http.trustedProxies has "10.0.0.0/33"': { trustedProxies: ['10.0.0.0/33'] },
    'http.trustedProxies has "localhost"': { trustedProxies: ['localhost'] },
    'http.cors.origins is empty': { cors: {} },
    'http.cors.origins has "shop.example"': { cors: { origins: ['shop.example'] } },
    'http.cors.origins has "https://shop.example/"': {
      cors: { origins: ['https://shop.example/'] },
    },
    'http.cors.credentials': { cors: { origins: ['*'], credentials: true } },
    'http.mounts.0.directory names missing': { mounts: [{ directory: 'missing' }] },
    'http.mounts.0.path is "docs"': { mounts: [{ path: 'docs', directory: 'docs' }] },
    'http.mounts.0.path is "/a/"': { mounts: [{ path: '/a/', directory: 'docs' }] },
    'http.mounts.1.path is mounted twice': { mounts: [{ directory: 'a' }, { directory: 'b' }] },
    'http.mounts.0.fallback is "../x"': { mounts: [{ directory: 'a', fallback: '../x' }] },
    'http.mounts is': { mounts: { directory: 'a' } },
    'http.limits.connections': { limits: { connections: 0 } },
    'http.admission.tolerance': { admission: { tolerance: 0.5 } },
    'http.admin.port is that of http.port': { port: 9_090, admin: { port: 9_090 } },
    'http.admin.host needs a port': { admin: { host: '0.0.0.0' } },
  };

  test.for(Object.entries(wrong))('%s', ([message, http]) => {
    expect(() => parse(http)).toThrow(message);
  });
});

test('a running app can change how it answers, but not what its ports were opened with', () => {
  const from = parse({});
  const tls = { certificates: [{ cert: 'a.pem', key: 'a.key' }] };
  const fixed: Readonly<Record<string, object>> = {
    'http.tls': { tls },
    'http.admin': { admin: { port: 9_090 } },
    'http.limits.head': { limits: { head: '32KB' } },
  };
  const problem = (key: string): string => `changes ${key}, which a reload cannot`;
  const marked = (http: object): readonly boolean[] =>
    configChanges({ runs: from, services: [] }, parse(http)).map(
      ({ needsStart = false }) => needsStart,
    );
  for (const [key, http] of Object.entries(fixed)) {
    expect(fixedChange(from, parse(http))?.problem).toBe(problem(key));
    expect(new Set(marked(http))).toEqual(new Set([true]));
  }
  const second = fixedChange(parse({ tls }), parse({ tls, http2: true }));
  expect(second?.problem).toBe(problem('http.http2'));
  for (const http of [
    {},
    { mounts: [{ directory: 'a' }] },
    { limits: { body: '2MB', stall: '1 s', connections: 5 } },
    { cors: { origins: ['*'] }, securityHeaders: false, compression: { enabled: false } },
    { trustedProxies: ['10.0.0.0/8'], admission: { enabled: true } },
    { port: 3_000 },
  ]) {
    expect(fixedChange(from, parse(http))).toBeUndefined();
    expect(marked(http)).not.toContain(true);
  }
});

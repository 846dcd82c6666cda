import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HttpMethod } from '../../src/protocol/contract.ts';
import type { ServiceClass } from '../../src/sdk/contract.ts';
import { isStream } from '../../src/sdk/rpc/streams/stream.ts';
import {
  type Answer,
  type AppUnderTest,
  type HttpOptions,
  startApp,
} from '../../src/sdk/testing/index.ts';
import {
  audience,
  issuer,
  type KeyFile,
  keyFile,
  newSigner,
  type Signer,
} from '../helpers/signer.ts';
import { type IngressApp, startIngressApp } from '../process/ingress-app.ts';

const entry = 'services/counter.mjs';
const fixture = join(import.meta.dirname, '../fixtures/apps/traffic', entry);

let real: IngressApp;
let signer: Signer;
let keys: KeyFile;
let counter: ServiceClass;

beforeAll(async () => {
  signer = await newSigner('a');
  keys = keyFile([signer.publicKey]);
  const auth = { keys: keys.file, issuer, audience };
  real = await startIngressApp({ counter: { entry: `./${entry}` } }, { auth });
  ({ default: counter } = (await import(fixture)) as { readonly default: ServiceClass });
});
afterAll(async () => {
  await real[Symbol.asyncDispose]();
  keys[Symbol.dispose]();
});

type Request = HttpOptions & { readonly body?: unknown };
type Asked = readonly [method: HttpMethod, path: string, request?: Request];

const formType = 'application/x-www-form-urlencoded';

/** Those that belong to what is said. */
const said = ['allow', 'www-authenticate', 'retry-after', 'idempotent-replayed'];

const parse = (json: string): unknown => JSON.parse(json);

/** What a client of the real app sees, in the words of the app under test. */
const askReal = async ([method, path, sent = {}]: Asked): Promise<Answer> => {
  const { identity, body, headers } = sent;
  const token = identity && (await signer.sign({ ...identity.auth, tenant: identity.tenant }));
  const isForm = headers?.['content-type'] !== undefined;
  const asking = request(`${real.origin}${path}`, {
    method,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  asking.end(body === undefined || isForm ? body : JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  asking.once('error', reject).once('response', (response) => {
    const isLines = response.headers['content-type']?.includes('ndjson') === true;
    const read = text(response).then((whole) => {
      if (whole === '') return undefined;
      return isLines ? whole.trimEnd().split('\n').map(parse) : parse(whole);
    });
    const named = said.flatMap((name) => {
      const value = response.headers[name];
      return value === undefined ? [] : [[name, String(value)] as const];
    });
    const { statusCode: status = 0 } = response;
    const all = named.length === 0 ? {} : { headers: Object.fromEntries(named) };
    read.then((value) => resolve({ status, ...all, body: value }), reject);
  });
  return promise;
};

const askTested = async (app: AppUnderTest, [method, path, sent = {}]: Asked): Promise<Answer> => {
  const { body, ...options } = sent;
  const answer = await app.http(method, path, body, options);
  if (!isStream(answer.body)) return answer;
  const items: unknown[] = [];
  for await (const item of answer.body) items.push(item);
  return { ...answer, body: items };
};

/** Of two requests the trace is another. */
const untraced = ({ body, ...answer }: Answer): unknown =>
  JSON.parse(
    JSON.stringify({ ...answer, body }, (key, value) => (key === 'traceId' ? 'any' : value)),
  );

const clerk = { identity: { auth: { sub: 'ada', roles: ['clerk'] }, tenant: 'acme' } };
const at = (host: string): Request => ({ headers: { host } });
const key = { headers: { 'idempotency-key': 'a' } };

const asked: readonly Asked[] = [
  ['GET', '/list'],
  ['POST', '/list'],
  ['HEAD', '/list'],
  ['GET', '/rich'],
  ['HEAD', '/rich'],
  ['DELETE', '/list?x=1'],
  ['OPTIONS', '/rich'],
  ['GET', '/nowhere'],
  ['GET', '//nowhere'],
  ['GET', '/odd'],
  ['GET', '/nothing'],
  ...['404', '418', '500', '503', 'UNAVAILABLE', 'SERVICE_STOPPED', 'NOT_FOUND', 'ENOENT'].map(
    (how): Asked => ['GET', `/fail/${how}`],
  ),
  ['GET', '/clerks'],
  ['HEAD', '/clerks'],
  ['GET', '/clerks', { headers: { authorization: 'Basic YTpi' } }],
  ['GET', '/clerks', { headers: { authorization: 'Bearer made.up.token' } }],
  ['GET', '/clerks', { identity: { auth: { sub: 'ada' } } }],
  ['GET', '/clerks', clerk],
  ['GET', '/whoever', clerk],
  ['GET', '/house'],
  ['GET', '/house', at('red.example')],
  ['GET', '/house', at('blue.example:80')],
  ['GET', '/house', at('two hosts')],
  ['POST', '/echo?a=1&a=2'],
  ['POST', '/echo', { body: { at: new Date(0), gone: undefined } }],
  ['POST', '/echo', { body: 'x'.repeat(62) }],
  ['POST', '/echo', { body: 'x'.repeat(63) }],
  ['POST', '/echo', { body: JSON.parse('{"__proto__":{"a":1}}') }],
  ['POST', '/echo', { body: 'a=1&b=2', headers: { 'content-type': formType } }],
  ['POST', '/once', key],
  ['POST', '/once', key],
  ['POST', '/once', { ...key, body: {} }],
  ['POST', '/once', { headers: { 'idempotency-key': 'ö' } }],
  ['POST', '/once'],
];

test('an app under test answers as the front of a real one does', async () => {
  await using app = await startApp({ counter });
  for (const each of asked) {
    const [tested, expected] = [await askTested(app, each), await askReal(each)];
    expect([each, untraced(tested)]).toEqual([each, untraced(expected)]);
  }
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seed } from '../../helpers/seed.ts';
import { type Fact, type IngressApp, startIngressApp } from '../ingress-app.ts';
import { inTurn, lines, poke, say, statusesOf } from './talk.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    {
      target: { entry: './services/target.mjs' },
      recorder: { command: 'node recorder.mjs', port: 0 },
    },
    { limits: { stall: '200 ms', headTime: '200 ms', connections: 300 } },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const tell = (bytes: string): Promise<string> =>
  say(app.engine.front.portOf('recorder') ?? 0, bytes);

type Seen = { readonly target: string; readonly headers: readonly (readonly [string, string])[] };

const recorded = (): readonly Seen[] =>
  app.ledger().filter((fact: Fact) => 'target' in fact) as unknown as readonly Seen[];

/** By the letters and digits of it: other signs are what programs drop or take for one another. */
const isLike = (name: string, header: string): boolean =>
  name.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === header.replaceAll('-', '');

/** What a backend could read in a second way. */
const ambiguous = (all: readonly Seen[]): readonly Seen[] =>
  all.filter(({ headers }) => {
    const encodings = headers.filter(([name]) => isLike(name, 'transfer-encoding'));
    const lengths = headers.filter(([name]) => isLike(name, 'content-length'));
    const isPlain = encodings.every(
      ([name, value]) => name === 'transfer-encoding' && value === 'chunked',
    );
    return encodings.length + lengths.length > 1 || !isPlain;
  });

const signs = [
  ...Array.from({ length: 33 }, (_, code) => code),
  ...[0x22, 0x27, 0x2c, 0x3a, 0x3b, 0x5f, 0x7f, 0x80, 0xa0, 0xff],
].map((code) => String.fromCharCode(code));

/** Ways to write the header so that one program sees it and another does not. */
const spellings: readonly string[] = [
  ...signs.flatMap((sign) => [
    `${sign}Transfer-Encoding: chunked`,
    `Transfer-Encoding${sign}: chunked`,
    `Transfer-Encoding:${sign}chunked`,
    `Transfer-Encoding: chunked${sign}`,
    `Transfer-Encoding: ${sign}chunked${sign}`,
    `Transfer${sign}Encoding: chunked`,
    `X: x${sign}Transfer-Encoding: chunked`,
    `X: x\r${sign}Transfer-Encoding: chunked`,
    `X: x${sign}\r\n\tTransfer-Encoding: chunked`,
  ]),
  'Transfer-Encoding: chunked',
  'TRANSFER-ENCODING: CHUNKED',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunkedx',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nX-Forge-Length: 1',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: "chunked"',
  'Content-Length: 0',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content_Length: 5',
  'Content-Length : 5',
];

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const chunk = `0\r\n\r\n${smuggled}`;

/** The length spans what the chunks say is a second request, and the other way round. */
const requestsOf = (method: string, spelling: string, index: number): readonly string[] => {
  const head = (way: number): readonly string[] => [
    `${method} /first?${index}.${way} HTTP/1.1`,
    'Host: a',
    'Connection: close',
  ];
  return [
    `${lines(...head(0), `Content-Length: ${chunk.length}`, spelling)}${chunk}`,
    `${lines(...head(1), spelling, `Content-Length: ${chunk.length}`)}${chunk}`,
    `${lines(...head(2), spelling)}${chunk}`,
    `${lines(...head(3), 'Content-Length: 4', spelling)}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  ];
};

test.for(['POST', 'GET', 'DELETE', 'OPTIONS'])(
  'no %s with two lengths is one request here and two behind, however they are written [D4]',
  async (method) => {
    const before = recorded().length;
    const requests = spellings.flatMap((spelling, index) => requestsOf(method, spelling, index));
    const answers = await inTurn(requests, 64, tell);
    const seen = recorded().slice(before);
    const targets = seen.map(({ target }) => target);
    expect(requests.length).toBeGreaterThan(1_600);
    expect(seen.length).toBeGreaterThan(0);
    expect(ambiguous(seen)).toEqual([]);
    expect(targets.filter((target) => !target.startsWith('/first?'))).toEqual([]);
    expect(new Set(targets).size).toBe(targets.length);
    expect(answers.filter((answer) => statusesOf(answer).length === 0)).toEqual([]);
    const statuses = new Set(answers.flatMap(statusesOf));
    expect([...statuses].filter((status) => ![200, 400, 408, 431].includes(status))).toEqual([]);
  },
);

describe('a body that is badly framed reaches nobody as a whole request [D4]', () => {
  const head = lines('POST /first HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked');
  const cases: Readonly<Record<string, string>> = {
    'a size that is no number': `${head}zz\r\nabc\r\n0\r\n\r\n`,
    'a negative size': `${head}-1\r\nabc\r\n0\r\n\r\n`,
    'a size with 0x': `${head}0x3\r\nabc\r\n0\r\n\r\n`,
    'a size beyond every number': `${head}${'f'.repeat(20)}\r\nabc\r\n0\r\n\r\n`,
    'a chunk that is longer than its size': `${head}2\r\nabc\r\n0\r\n\r\n`,
    'a chunk that ends with a line feed alone': `${head}3\r\nabc\n0\r\n\r\n`,
    'a size that ends with a line feed alone': `${head}3\nabc\r\n0\r\n\r\n`,
    'an extension of 20 KB': `${head}3;${'x'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`,
    'a length behind the body': `${head}3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n`,
    'an end that never comes': `${head}3\r\nabc\r\n`,
    'a header folded over two lines': `${lines('GET /first HTTP/1.1', 'Host: a', 'X: y\r\n z')}`,
    'a name with a blank': `${lines('GET /first HTTP/1.1', 'Host: a', 'X Y: z')}`,
    'a header without a name': `${lines('GET /first HTTP/1.1', 'Host: a', ': z')}`,
    'a NUL in a value': `${lines('GET /first HTTP/1.1', 'Host: a', 'X: a\0b')}`,
    'a carriage return in a value': `${lines('GET /first HTTP/1.1', 'Host: a', 'X: a\rb')}`,
    'lines that end with a line feed alone': 'GET /first HTTP/1.1\nHost: a\n\n',
    'a version that is none': lines('GET /first HTTP/9.9', 'Host: a'),
    'no version': lines('GET /first', 'Host: a'),
  };

  test.for(Object.entries(cases))('%s', async ([, bytes]) => {
    const before = recorded().length;
    const statuses = statusesOf(await tell(bytes));
    expect(statuses.filter((status) => ![400, 408, 413].includes(status))).toEqual([]);
    expect(recorded().slice(before)).toEqual([]);
  });
});

test('trailers stay here, and the next request on the connection is the next one', async () => {
  const before = recorded().length;
  const first = lines(
    'POST /first HTTP/1.1',
    'Host: a',
    'Transfer-Encoding: chunked',
    'Trailer: X-T',
  );
  const answer = await tell(
    `${first}3;name=value\r\nabc\r\n0\r\nX-T: 1\r\n\r\n${lines('GET /next HTTP/1.1', 'Host: a', 'Connection: close')}`,
  );
  expect(statusesOf(answer)).toEqual([200, 200]);
  const seen = recorded().slice(before);
  expect(seen.map(({ target }) => target)).toEqual(['/first', '/next']);
  expect(ambiguous(seen)).toEqual([]);
  expect(seen.flatMap(({ headers }) => headers.map(([name]) => name))).not.toContain('x-t');
});

test('whatever bytes come, nothing ambiguous goes through and others are served', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'GET ',
      'POST ',
      '/first',
      ' HTTP/1.1',
      '\r\n',
      '\r\n\r\n',
      '\n',
      '0\r\n\r\n',
      smuggled,
    ),
    fc.constantFrom(
      'Host: a',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Connection: close',
    ),
    fc.constantFrom(...spellings),
    fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  );
  const bytes = fc
    .array(piece, { maxLength: 16 })
    .map((all) => `POST /first HTTP/1.1\r\nHost: a\r\n${all.join('')}`);
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 64, maxLength: 64 }), async (all) => {
      const before = recorded().length;
      const port = app.engine.front.portOf('recorder') ?? 0;
      await Promise.all(all.map((each) => poke(port, each)));
      expect(ambiguous(recorded().slice(before))).toEqual([]);
      expect(
        statusesOf(await tell(lines('GET /fine HTTP/1.1', 'Host: a', 'Connection: close'))),
      ).toEqual([200]);
    }),
    { numRuns: 10, seed },
  );
});

test('connections beyond the limit are closed at once, and those that say nothing soon after [D3]', async () => {
  const port = app.engine.front.portOf('recorder') ?? 0;
  const crowd = Array.from({ length: 400 }, () => say(port, 'GET /slow HTTP/1.1\r\n'));
  const answers = await Promise.all(crowd);
  expect(answers.filter((answer) => answer === '').length).toBeGreaterThanOrEqual(100);
  expect(
    statusesOf(await tell(lines('GET /fine HTTP/1.1', 'Host: a', 'Connection: close'))),
  ).toEqual([200]);
});

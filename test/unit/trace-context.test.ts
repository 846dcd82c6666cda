import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Arrivals } from '../../src/sdk/front/arrivals.ts';

/** The cases of W3C Trace Context, level 1, each by what it sends, over a connection of its own. */
const trace = '12345678901234567890123456789012';
const span = '1234567890123456';
const parent = `00-${trace}-${span}-01`;

type Origin = ReturnType<Arrivals['originOf']>;

const trusting = new Arrivals(['127.0.0.1']);
const server = createServer((request, response) => {
  response.end(JSON.stringify(trusting.originOf(request)));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

const originOf = async (...headers: readonly string[]): Promise<Origin> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(['GET / HTTP/1.1', 'Host: a', 'Connection: close', ...headers, '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as Origin;
};

const fresh = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

describe('a trace that is valid goes on [D8]', () => {
  test.each<readonly [string, readonly string[]]>([
    ['by its name', [`traceparent: ${parent}`]],
    ['by its name in large letters', [`TRACEPARENT: ${parent}`]],
    ['by its name in mixed letters', [`TrAcEpArEnT: ${parent}`]],
    ['with blanks around it', [`traceparent:  \t ${parent} \t `]],
    ['of a version to come', [`traceparent: cc-${trace}-${span}-01`]],
    ['of a version to come, with more', [`traceparent: cc-${trace}-${span}-01-what-will-be`]],
  ])('%s', async (_name, headers) => {
    expect(await originOf(...headers)).toEqual({ traceparent: parent, carried: { hops: 0 } });
  });
});

describe('a trace that is none is begun anew, and its state forgotten [D8]', () => {
  const bad: Readonly<Record<string, string>> = {
    'a version with a sign behind': `00-${trace}-${span}-01.`,
    'this version with more': `00-${trace}-${span}-01-what-will-be`,
    'a version to come with more that is not set apart': `cc-${trace}-${span}-01.what-will-be`,
    'the version that is none': `ff-${trace}-${span}-01`,
    'a version of other signs': `.0-${trace}-${span}-01`,
    'a version of other signs at its end': `0.-${trace}-${span}-01`,
    'a version of three': `000-${trace}-${span}-01`,
    'a version of four': `0000-${trace}-${span}-01`,
    'a version of one': `0-${trace}-${span}-01`,
    'a trace of zeros': `00-${'0'.repeat(32)}-${span}-01`,
    'a trace of other signs': `00-.${trace.slice(1)}-${span}-01`,
    'a trace of other signs at its end': `00-${trace.slice(1)}.-${span}-01`,
    'a trace of large letters': `00-A${trace.slice(1)}-${span}-01`,
    'a trace that is too long': `00-${trace}3-${span}-01`,
    'a trace that is too short': `00-${trace.slice(1)}-${span}-01`,
    'a span of zeros': `00-${trace}-${'0'.repeat(16)}-01`,
    'a span of other signs': `00-${trace}-.${span.slice(1)}-01`,
    'a span of other signs at its end': `00-${trace}-${span.slice(1)}.-01`,
    'a span that is too long': `00-${trace}-${span}7-01`,
    'a span that is too short': `00-${trace}-${span.slice(1)}-01`,
    'flags of other signs': `00-${trace}-${span}-.0`,
    'flags of other signs at their end': `00-${trace}-${span}-0.`,
    'flags that are too long': `00-${trace}-${span}-001`,
    'flags that are too short': `00-${trace}-${span}-1`,
    nothing: '',
  };

  test.each(Object.entries(bad))('%s', async (_name, text) => {
    const { traceparent, carried } = await originOf(`traceparent: ${text}`, 'tracestate: foo=1');
    expect(traceparent).toMatch(fresh);
    expect(traceparent).not.toContain(trace);
    expect(carried).toEqual({ hops: 0 });
  });

  test.each<readonly [string, readonly string[]]>([
    ['no header', []],
    ['a header of another name', [`trace-parent: ${parent}`]],
    ['a header of another name with a dot', [`trace.parent: ${parent}`]],
    ['two headers', [`traceparent: ${parent}`, `traceparent: 00-${trace}-${span}-00`]],
    ['its state alone', ['tracestate: foo=1']],
    ['its state alone, twice', ['tracestate: foo=1', 'tracestate: bar=2']],
  ])('%s', async (_name, headers) => {
    const { traceparent, carried } = await originOf(...headers);
    expect(traceparent).toMatch(fresh);
    expect(traceparent).not.toContain(trace);
    expect(carried).toEqual({ hops: 0 });
  });
});

const keySigns = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const valueSigns = Array.from({ length: 0x7f - 0x20 }, (_, index) =>
  String.fromCharCode(0x20 + index),
)
  .join('')
  .replace(/[,=]/g, '');
const members = (count: number): string =>
  Array.from({ length: count }, (_, index) => `bar${String(index).padStart(2, '0')}=1`).join(',');

describe('the state of a trace goes along', () => {
  test.each<readonly [string, readonly string[], string]>([
    ['as it is', ['tracestate: foo=1,bar=2'], 'foo=1,bar=2'],
    ['by its name in large letters', ['TRACESTATE: foo=1'], 'foo=1'],
    ['by its name in mixed letters', ['TrAcEsTaTe: foo=1'], 'foo=1'],
    [
      'from several headers',
      ['tracestate: foo=1,bar=2', 'tracestate: rojo=1,congo=2', 'tracestate: baz=3'],
      'foo=1,bar=2,rojo=1,congo=2,baz=3',
    ],
    ['beside an empty header', ['tracestate: foo=1', 'tracestate:'], 'foo=1'],
    ['behind an empty header', ['tracestate:', 'tracestate: foo=1'], 'foo=1'],
    ['without members that are empty', ['tracestate: foo=1,,,bar=2'], 'foo=1,bar=2'],
    ['with one of a key that is there twice', ['tracestate: foo=1,foo=1'], 'foo=1'],
    ['with the first of a key that is there twice', ['tracestate: foo=1,foo=2'], 'foo=1'],
    ['and of two headers', ['tracestate: foo=1', 'tracestate: foo=2,bar=3'], 'foo=1,bar=3'],
    ['without blanks', ['tracestate: foo=1 \t , \t bar=2, \t baz=3 \t'], 'foo=1,bar=2,baz=3'],
    ['with all signs of a key', [`tracestate: ${keySigns}=1`], `${keySigns}=1`],
    ['with all signs of a value', [`tracestate: foo=${valueSigns}`], `foo=${valueSigns}`],
    [
      'with all signs of a vendor',
      [`tracestate: ${keySigns}@a-z0-9_-*/=1`],
      `${keySigns}@a-z0-9_-*/=1`,
    ],
    ['with 32 members', [`tracestate: ${members(32)}`], members(32)],
    ['with a long key', [`tracestate: foo=1,${'z'.repeat(256)}=1`], `foo=1,${'z'.repeat(256)}=1`],
    [
      'with a long vendor',
      [`tracestate: ${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
      `${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
    ],
  ])('%s', async (_name, headers, tracestate) => {
    const origin = await originOf(`traceparent: ${parent}`, ...headers);
    expect(origin).toEqual({ traceparent: parent, carried: { hops: 0, tracestate } });
  });
});

describe('a state that is none is left out, and its trace goes on', () => {
  test.each([
    ['nothing', ''],
    ['a blank in a key', 'foo =1'],
    ['large letters in a key', 'FOO=1'],
    ['a dot in a key', 'foo.bar=1'],
    ['no vendor', 'foo@=1,bar=2'],
    ['a vendor of nobody', '@foo=1,bar=2'],
    ['two signs of a vendor', 'foo@@bar=1,bar=2'],
    ['two vendors', 'foo@bar@baz=1,bar=2'],
    ['33 members', members(33)],
    ['a key that is too long', `foo=1,${'z'.repeat(257)}=1`],
    ['a tenant that is too long', `foo=1,${'t'.repeat(242)}@v=1`],
    ['a vendor that is too long', `foo=1,t@${'v'.repeat(15)}=1`],
    ['a value with an equals sign', 'foo=bar=baz'],
    ['a value of nothing', 'foo=,bar=3'],
  ])('%s', async (_name, state) => {
    const origin = await originOf(`traceparent: ${parent}`, `tracestate: ${state}`);
    expect(origin).toEqual({ traceparent: parent, carried: { hops: 0 } });
  });
});

test('a raw route is told the same in its headers', () => {
  const headers = { traceparent: parent, tracestate: 'foo=1, foo=2' };
  const request = { headers, socket: { remoteAddress: '127.0.0.1' } };
  expect(trusting.headersFor(request as never)).toMatchObject({
    traceparent: parent,
    tracestate: 'foo=1',
  });
});

test('of who is not trusted nothing is believed', () => {
  const headers = { traceparent: parent, tracestate: 'foo=1' };
  const request = { headers, socket: { remoteAddress: '192.0.2.1' } };
  // Nothing else of a request is looked at.
  const { traceparent, carried } = trusting.originOf(request as never);
  expect(traceparent).toMatch(fresh);
  expect(traceparent).not.toContain(trace);
  expect(carried).toEqual({ hops: 0 });
  const passed = trusting.headersFor(request as never);
  expect(passed).not.toHaveProperty('tracestate');
  expect(passed['traceparent']).toMatch(fresh);
});

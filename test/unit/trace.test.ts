import { describe, expect, test } from 'vitest';
import { newTraceparent, parseTraceparent, parseTracestate } from '../../src/sdk/rpc/trace.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

describe('a traceparent', () => {
  test('of this version is taken as it is', () => {
    for (const flags of ['00', '01', 'ff']) {
      const text = `00-${trace}-${span}-${flags}`;
      expect(parseTraceparent(text)).toBe(text);
    }
    expect(parseTraceparent(newTraceparent())).toBeDefined();
  });

  test('of a later version is taken for what this one knows of it', () => {
    expect(parseTraceparent(`01-${trace}-${span}-09-more`)).toBe(`00-${trace}-${span}-01`);
    expect(parseTraceparent(`cc-${trace}-${span}-00`)).toBe(`00-${trace}-${span}-00`);
  });

  test.each([
    ['nothing', undefined],
    ['a list', [`00-${trace}-${span}-01`]],
    ['two in one', `00-${trace}-${span}-01, 00-${trace}-${span}-01`],
    ['large letters', `00-${trace.toUpperCase()}-${span}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['the version that is none', `ff-${trace}-${span}-01`],
    ['a fifth field', `00-${trace}-${span}-01-x`],
    ['a dot behind', `01-${trace}-${span}-01.x`],
    ['a short trace', `00-${trace.slice(1)}-${span}-01`],
    ['a blank before', ` 00-${trace}-${span}-01`],
    ['a line break behind', `00-${trace}-${span}-01\n`],
    ['over 512 characters', `01-${trace}-${span}-01-${'x'.repeat(512)}`],
  ])('is none: %s', (_name, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('a tracestate', () => {
  test.each([
    ['a=1,b=2', 'a=1,b=2'],
    [' a=1 , , b=2', 'a=1,b=2'],
    ['1tenant@vendor=x y', '1tenant@vendor=x y'],
    ['a=1,b=2,a=3', 'a=1,b=2'],
  ])('is %s', (text, parsed) => {
    expect(parseTracestate(text)).toBe(parsed);
  });

  test.each([
    '',
    'a',
    'A=1',
    'a=b=c',
    'a=\u00e9',
    `a=${'x'.repeat(257)}`,
    Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(','),
    'x'.repeat(600),
  ])('is none: %s', (text) => {
    expect(parseTracestate(text)).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { matching } from '../../src/tui/state/query.ts';
import { rush } from './shop.ts';

const { services } = rush.status;
const found = (query: string): readonly string[] =>
  matching(services, query).map(({ name }) => name);

describe('a filter', () => {
  test.each<readonly [string, readonly string[]]>([
    ['', services.map(({ name }) => name)],
    ['er', ['users', 'orders', 'mailer']],
    ['cpu>50', ['orders']],
    ['p99>=31', ['orders', 'billing']],
    ['pend<1 wrk=1 mem<80', ['mailer']],
    ['group=main ca', ['catalog']],
    ['rps>=120', ['users']],
    ['!', ['orders']],
    ['err>0', []],
    ['zz', []],
    // No such field: then it is a part of a name, and no service has it.
    ['colour>5', []],
  ])('%j finds %j', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  test('takes letters in their order when no name has them side by side', () => {
    expect(found('tmn')).toEqual(['thumbnails']);
  });
});

import { expect, test } from 'vitest';
import { compose, type InterceptedCall } from '../../src/sdk/interceptors/interceptor.ts';
import { logging } from '../../src/sdk/interceptors/logging.ts';

const call = {
  kind: 'call',
  service: 'users',
  method: 'get',
  args: ['the password'],
  from: 'orders',
} as const;

const start = (slowerThanMs: number) => {
  const lines: (readonly [string, string, object])[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void lines.push([level, message, fields]);
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const ask = compose<InterceptedCall>([logging({ slowerThanMs }, log)], async ({ method }) => {
    if (method === 'fail') throw Object.assign(new Error('no'), { code: 'NO' });
    return method;
  });
  return { ask, lines };
};

test('a call is one line, with who asked and how long it took, and never its arguments', async () => {
  const { ask, lines } = start(0);
  expect(await ask(call)).toBe('get');
  expect(lines).toEqual([
    ['info', 'called', { kind: 'call', method: 'get', from: 'orders', ms: expect.any(Number) }],
  ]);
  expect(JSON.stringify(lines)).not.toContain('password');
});

test('a fast call is none, and a failed one always is', async () => {
  const { ask, lines } = start(60_000);
  await ask(call);
  expect(lines).toEqual([]);
  await expect(ask({ ...call, method: 'fail' })).rejects.toThrow('no');
  expect(lines).toMatchObject([['warn', 'call failed', { method: 'fail', code: 'NO' }]]);
});

import { describe, expect, test, vi } from 'vitest';
import type { AccessLogSettings } from '../../src/protocol/http.ts';
import { ms } from '../../src/protocol/units.ts';
import { AccessLog } from '../../src/sdk/front/access-log.ts';
import type { Exchange } from '../../src/sdk/front/exchange.ts';
import { Proxies } from '../../src/sdk/front/proxies.ts';

const usual = { method: 'GET', url: '/users/7?token=secret', status: 200 };

/** What the log looks at of an exchange, and no more. */
const exchangeOf = (change: Partial<typeof usual> = {}): Exchange => {
  const { method, url, status } = { ...usual, ...change };
  const request = { method, url, headers: { host: 'shop.example' }, socket: {} };
  const response = { statusCode: status, writableEnded: true };
  return {
    request,
    response: { ...response, writableFinished: true },
    route: 'GET /users/:id',
    client: '10.0.0.7',
    bytes: 12,
    trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  } as unknown as Exchange;
};

/** What is written of these requests, each with how long it took. */
const written = (
  settings: AccessLogSettings,
  requests: readonly (readonly [exchange: Exchange, tookMs: number])[],
): readonly Readonly<Record<string, unknown>>[] => {
  const texts: string[] = [];
  {
    using log = new AccessLog({
      settings,
      service: 'ingress',
      worker: 'ingress#1',
      proxies: new Proxies([]),
      write: (text) => void texts.push(text),
    });
    for (const [exchange, tookMs] of requests) log.note(exchange, tookMs);
  }
  expect(texts.length).toBeLessThanOrEqual(1);
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
};

const all = { percent: 100, failures: false };

describe('the access log', () => {
  test('says what was asked, by whom, and what became of it, but nothing of the query', () => {
    const [line] = written(all, [[exchangeOf(), 1.26]]);
    expect(line).toEqual({
      time: expect.stringMatching(/Z$/),
      level: 'info',
      service: 'ingress',
      worker: 'ingress#1',
      msg: 'GET /users/7 200',
      method: 'GET',
      path: '/users/7',
      route: 'GET /users/:id',
      status: 200,
      ms: 1.3,
      bytes: 12,
      client: '10.0.0.7',
      host: 'shop.example',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  test('keeps a path that is made up within bounds, and on one line', () => {
    const [line, ...more] = written(all, [[exchangeOf({ url: `/\n${'x'.repeat(9_000)}` }), 1]]);
    expect(String(line?.['path'])).toHaveLength(1_024);
    expect(more).toEqual([]);
  });

  test('has a line for failures and for slow requests where these are asked for', () => {
    const requests = [
      [exchangeOf({ url: '/fast' }), 1],
      [exchangeOf({ url: '/slow' }), 301],
      [exchangeOf({ url: '/failed', status: 503 }), 1],
      [exchangeOf({ url: '/refused', status: 404 }), 1],
    ] as const;
    const paths = (settings: AccessLogSettings): readonly unknown[] =>
      written(settings, requests).map(({ path }) => path);
    expect(paths({ percent: 0, failures: true })).toEqual(['/failed']);
    expect(paths({ percent: 0, failures: false, slowerThan: ms(300) })).toEqual(['/slow']);
    expect(paths(all)).toHaveLength(4);
  });

  test('has a line for about as many as it says', () => {
    vi.spyOn(Math, 'random').mockImplementation(
      ((turn) => () => {
        turn += 1;
        return (turn % 100) / 100;
      })(0),
    );
    const requests = Array.from({ length: 500 }, () => [exchangeOf(), 1] as const);
    expect(written({ percent: 10, failures: false }, requests)).toHaveLength(50);
    vi.restoreAllMocks();
  });

  test('counts what it has no time for', () => {
    const requests = Array.from({ length: 1_500 }, () => [exchangeOf(), 1] as const);
    const lines = written(all, requests);
    expect(lines).toHaveLength(1_001);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: '500 requests have no line here' });
  });
});

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: () => true,
};
const parse = (raw: unknown) => parseConfig(raw, around);
const one = (fields: object) => ({ services: { users: { entry: './users.js', ...fields } } });

test.each([
  ['services.users.timeouts.start', one({ timeouts: { start: '30 d' } }), '100 ms to 1 d'],
  ['services.users.timeouts.start', one({ timeouts: { start: 0 } }), '100 ms to 1 d'],
  ['services.users.timeouts.stop', one({ timeouts: { stop: '2 h' } }), '0 ms to 1 h'],
  ['services.users.timeouts.request', one({ timeouts: { request: 0 } }), '1 ms to 1 d'],
  ['services.users.health.replaceAfter', one({ health: { replaceAfter: 0 } }), '10 ms to 1 h'],
  ['reload.bake', { ...one({}), reload: { bake: '30 d' } }, '0 ms to 7 d'],
  ['supervisor.orphanGrace', { ...one({}), supervisor: { orphanGrace: '8 d' } }, '0 ms to 7 d'],
])('the time %s has bounds, and %j is outside of them', (key, raw, range) => {
  expect(() => parse(raw)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${key} is `),
      remedy: `Write a time from ${range}.`,
    }),
  );
});

test('a call may not take as long as no timer can be set for', () => {
  const raw = one({ calls: { get: { timeout: '30 d' } } });
  expect(() => parse(raw)).toThrow('services.users.calls.get has timeout over 1 d');
});

test('a worker is not replaced before it is given up', () => {
  const raw = one({ health: { blockedAfter: '5 s', replaceAfter: '2 s' } });
  expect(() => parse(raw)).toThrow('services.users.health.blockedAfter is longer than');
});

test.each([
  [{ blockedAfter: '8 s' }, { blockedAfter: 8_000, replaceAfter: 8_000 }],
  [{ replaceAfter: '500 ms' }, { blockedAfter: 500, replaceAfter: 500 }],
])('of the limits of an event loop, %j alone pulls the other one along', (health, expected) => {
  expect(parse(one({ health })).services[0]?.health).toEqual(expected);
});

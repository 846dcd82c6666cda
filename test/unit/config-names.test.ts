import { expect, test } from 'vitest';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: () => true,
};
const parse = (services: object) => parseConfig({ services }, around);
const entry = './users.js';

test.each([
  ['ingress', 'is the name of the ingress'],
  ['supervisor', 'is the name of the supervisor'],
  ['constructor', 'is a name that every object'],
  ['toString', 'is a name that every object'],
  ['x'.repeat(65), 'has 65 letters'],
  ['2nd', 'is no name'],
])('neither a service nor a group is called %s', (name, problem) => {
  const refusal = (message: string) =>
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  expect(() => parse({ [name]: { entry } })).toThrow(refusal(`services.${name} ${problem}`));
  expect(() => parse({ users: { entry, group: name } })).toThrow(
    refusal(`services.users.group is "${name}", which ${problem}`),
  );
});

test('a group is not called as a service outside of it', () => {
  expect(() => parse({ a: { entry, group: 'b' }, b: { entry } })).toThrow(
    'services.a.group is "b", the name of a service that is not in it',
  );
  const { services } = parse({ a: { entry, group: 'b' }, b: { entry, group: 'b' } });
  expect(services.map(({ group }) => group)).toEqual(['b', 'b']);
});

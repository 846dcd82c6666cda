import { Validator } from '@seriousme/openapi-schema-validator';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RouteInput } from '../../src/sdk/contract-input.ts';
import { describeService } from '../../src/sdk/openapi/described.ts';
import { openApiOf } from '../../src/sdk/openapi/document.ts';
import { Service } from '../../src/sdk/service.ts';

type Operation = {
  readonly operationId: string;
  readonly servers?: readonly { readonly url: string }[];
  readonly parameters?: readonly { readonly name: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Content = { readonly 'application/json': { readonly schema: unknown } };
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Of services that have these routes, each its own. */
const pathsOf = async (...services: readonly (readonly RouteInput[])[]): Promise<Paths> => {
  const described = services.map((routes, index) => {
    const type = class extends Service {
      static readonly contract = { routes };
      any(): void {}
    };
    return describeService(['shop', 'other'][index] ?? '', type);
  });
  const document = openApiOf('shop', described);
  expect((await new Validator().validate({ ...document })).errors ?? []).toEqual([]);
  return (document as { readonly paths: Paths }).paths;
};

const posted = { method: 'POST', path: '/', handler: 'any' } as const;

const bodyOf = (paths: Paths): unknown =>
  paths['/']?.['post']?.requestBody?.content['application/json'].schema;
const answerOf = (paths: Paths): unknown =>
  paths['/']?.['post']?.responses['201']?.content?.['application/json'].schema;

describe('what JSON cannot say stands for anything, and the rest of its schema stays', () => {
  test.each([
    [
      'zod',
      z.object({ at: z.coerce.date(), name: z.string(), deep: z.object({ count: z.bigint() }) }),
      z.object({ at: z.date(), name: z.string(), size: z.string().transform((it) => it.length) }),
    ],
    [
      'valibot',
      toStandardJsonSchema(
        v.object({
          at: v.date(),
          name: v.pipe(
            v.string(),
            v.check(() => true),
          ),
          deep: v.object({ count: v.bigint() }),
        }),
      ),
      toStandardJsonSchema(
        v.object({
          at: v.date(),
          name: v.string(),
          size: v.pipe(
            v.string(),
            v.transform((it) => it.length),
            v.minValue(1),
          ),
        }),
      ),
    ],
  ])('%s', async (_library, input, output) => {
    const routes = [{ ...posted, input, output }];
    const paths = await pathsOf(routes);
    expect(bodyOf(paths)).toMatchObject({
      type: 'object',
      required: ['at', 'name', 'deep'],
      properties: {
        at: {},
        name: { type: 'string' },
        deep: { type: 'object', properties: { count: {} } },
      },
    });
    expect(answerOf(paths)).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string' } },
    });
    const { properties } = answerOf(paths) as { readonly properties: Record<string, unknown> };
    expect([properties['at'], properties['size']]).toEqual([{}, {}]);
  });

  test('what goes in before it is transformed is said', async () => {
    const trimmed = v.pipe(v.string(), v.trim(), v.minLength(2));
    const input = toStandardJsonSchema(v.object({ name: trimmed }));
    const routes = [{ ...posted, input }];
    expect(bodyOf(await pathsOf(routes))).toMatchObject({
      properties: { name: { type: 'string' } },
    });
  });

  test('a whole schema that JSON cannot say stands for anything', async () => {
    const routes = [{ ...posted, output: z.date() }];
    expect(answerOf(await pathsOf(routes))).toEqual({});
  });
});

test('a path that several hosts have is there for each of them', async () => {
  const route = { method: 'GET', path: '/h', handler: 'any' } as const;
  const paths = await pathsOf(
    [
      { ...route, host: 'red.example' },
      { ...route, method: 'POST', host: 'blue.example' },
      { ...route, path: '/only', host: 'red.example' },
      { ...route, path: '/all', host: 'red.example' },
    ],
    [
      { ...route, host: 'blue.example' },
      { ...route, host: 'red.example' },
      { ...route, path: '/all' },
    ],
  );
  const said = Object.entries(paths).flatMap(([key, item]) =>
    Object.entries(item).map(([verb, { operationId, servers }]) => [
      `${verb} ${key}`,
      [operationId, servers?.[0]?.url],
    ]),
  );
  expect(Object.fromEntries(said)).toEqual({
    'get /all': ['other.any.get/all', undefined],
    'get /all#red.example': ['shop.any.get/all#red.example', '//red.example'],
    'get /h': ['shop.any.get/h', '//red.example'],
    'get /h#blue.example': ['other.any.get/h#blue.example', '//blue.example'],
    'get /only': ['shop.any.get/only', '//red.example'],
    'post /h': ['shop.any.post/h', '//blue.example'],
  });
});

test('a path whose last parameter may be left out is two paths', async () => {
  const optional = { method: 'GET', path: '/opt/:id?', handler: 'any' } as const;
  const paths = await pathsOf(
    [optional, { ...optional, path: '/:page?' }],
    [{ ...optional, path: '/opt' }],
  );
  const parameters = Object.entries(paths).map(([path, { get }]) => [
    path,
    get?.operationId,
    get?.parameters?.map(({ name, required }) => [name, required]),
  ]);
  expect(parameters).toEqual([
    ['/opt', 'shop.any.get/opt', undefined],
    ['/opt/{id}', 'shop.any.get/opt/{id}', [['id', true]]],
    ['/', 'shop.any.get/', undefined],
    ['/{page}', 'shop.any.get/{page}', [['page', true]]],
  ]);
});

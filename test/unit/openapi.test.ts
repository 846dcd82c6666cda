import { Validator } from '@seriousme/openapi-schema-validator';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeService } from '../../src/sdk/openapi/described.ts';
import { openApiOf } from '../../src/sdk/openapi/document.ts';
import { Service } from '../../src/sdk/service.ts';

const NewUser = toStandardJsonSchema(v.object({ name: v.string(), age: v.optional(v.number()) }));

class Users extends Service {
  static readonly contract = {
    routes: [
      { method: 'POST', path: '/users', handler: 'create', input: NewUser, output: NewUser },
      {
        method: 'GET',
        path: '/users/:id(^\\d+$)',
        handler: 'show',
        input: [
          undefined,
          z.object({ id: z.coerce.number().int() }),
          z.object({ full: z.string(), x: z.string().optional() }),
        ],
      },
      { method: 'DELETE', path: '/users/:id', handler: 'show' },
      { method: 'PUT', path: '/users', handler: 'odd', once: '1 h', auth: { roles: ['clerk'] } },
      { method: 'GET', path: '/files/*', handler: 'odd' },
    ],
  } as const;
  create(): void {}
  show(): void {}
  odd(): void {}
}

class Odd extends Service {
  static readonly contract = {
    // Neither can be said in JSON Schema: a transformation, and a schema that describes nothing.
    expose: { odd: { output: z.string().transform((text) => text.length) } },
    routes: [{ method: 'PUT', path: '/odd', handler: 'odd', input: v.string() }],
  } as const;
  odd(): void {}
}

const document = openApiOf('shop', [describeService('users', Users), describeService('odd', Odd)]);

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...document });
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('routes, parameters, bodies and answers are those of the contracts', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'shop' },
    paths: {
      '/users': {
        post: {
          operationId: 'users.create.post/users',
          requestBody: {
            content: { 'application/json': { schema: { required: ['name'], type: 'object' } } },
          },
          responses: { 201: { content: { 'application/json': { schema: { type: 'object' } } } } },
        },
        put: {
          parameters: [{ name: 'Idempotency-Key', in: 'header', required: false }],
          security: [{ bearer: ['clerk'] }],
        },
      },
      '/users/{id}': {
        get: {
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
            { name: 'full', in: 'query', required: true },
            { name: 'x', in: 'query', required: false },
          ],
          responses: { 200: {} },
        },
        delete: { parameters: [{ name: 'id', in: 'path' }, { name: 'full' }, { name: 'x' }] },
      },
      '/files/{wildcard}': { get: { parameters: [{ name: 'wildcard' }] } },
      '/odd': { put: { operationId: 'odd.odd.put/odd' } },
    },
  });
});

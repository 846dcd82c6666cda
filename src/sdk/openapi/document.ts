import type { HttpMethod, RouteEntry } from '../../protocol/contract.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A service as its contract describes it. */
export type Described = {
  readonly name: string;
  readonly routes: readonly RouteEntry[];
  /** Method → what it takes (body, params, query) and answers, where its schemas can say it. */
  readonly schemas: Readonly<
    Record<string, { readonly input: readonly JsonSchema[]; readonly output?: JsonSchema }>
  >;
};

type Operation = Readonly<Record<string, unknown>>;

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
};

/** OpenAPI 3.1 of every contract route of an app. */
export const openApiOf = (app: string, services: readonly Described[]): object => {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const service of services) {
    for (const route of service.routes) {
      const path = pathOf(route.path);
      paths[path] = { [verbOf(route.method)]: operationOf(service, route), ...paths[path] };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: app, version: '1' },
    tags: services.filter(({ routes }) => routes.length > 0).map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
};

const verbOf = (method: HttpMethod): string => method.toLowerCase();

/** `/users/:id(\\d+)` is `/users/{id}`, and what a star stands for is called `wildcard`. */
const pathOf = (path: string): string =>
  path.replace(/:(\w+)(?:\([^)]*\))?\??/g, '{$1}').replace('*', '{wildcard}');

const namesIn = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

const operationOf = ({ name, schemas }: Described, route: RouteEntry): Operation => {
  const { handler = '' } = route;
  const { input = [], output } = schemas[handler] ?? {};
  const [body, params, query] = input;
  const parameters = [
    ...pathParameters(pathOf(route.path), params),
    ...queryParameters(query),
    ...(route.terms?.onceMs === undefined ? [] : [keyParameter]),
  ];
  const hasBody = body !== undefined && Object.keys(body).length > 0 && route.method !== 'GET';
  return {
    operationId: `${name}.${handler}.${verbOf(route.method)}${pathOf(route.path)}`,
    tags: [name],
    ...securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody ? { requestBody: { required: true, content: json(body) } } : {}),
    responses: {
      [route.method === 'POST' ? '201' : '200']: {
        description: 'What the method answered',
        ...(output === undefined ? {} : { content: json(output) }),
      },
      '204': { description: 'It answered nothing' },
      default: {
        description: 'It failed',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
};

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });

const propertiesOf = (schema: JsonSchema | undefined): Readonly<Record<string, JsonSchema>> =>
  (schema?.['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;

const securityOf = ({ terms }: RouteEntry): Operation => {
  if (terms?.auth === undefined) return {};
  const { roles = [], scopes = [] } = terms.auth;
  return { security: [{ bearer: [...roles, ...scopes] }] };
};

const keyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', maxLength: 255 },
};

const pathParameters = (path: string, params: JsonSchema | undefined): readonly object[] =>
  namesIn(path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: propertiesOf(params)[name] ?? { type: 'string' },
  }));

const queryParameters = (query: JsonSchema | undefined): readonly object[] => {
  const required = (query?.['required'] ?? []) as readonly string[];
  return Object.entries(propertiesOf(query)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};

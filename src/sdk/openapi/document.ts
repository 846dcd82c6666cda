import type { RouteEntry } from '../../protocol/contract.ts';
import { namesIn, type Spot, spotsOf } from './paths.ts';

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

type Declared = { readonly service: Described; readonly entry: RouteEntry };
type Operation = Readonly<Record<string, unknown>>;

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        traceId: { type: 'string' },
      },
    },
  },
};

/** OpenAPI 3.1 of every contract route of an app. */
export const openApiOf = (app: string, services: readonly Described[]): object => {
  const routes = services.flatMap((service) => service.routes.map((entry) => ({ service, entry })));
  const paths: Record<string, Record<string, Operation>> = {};
  for (const spot of spotsOf(routes)) {
    paths[spot.key] = { ...paths[spot.key], [spot.verb]: operationOf(spot) };
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

const operationOf = ({ route, key, verb, path }: Spot<Declared>): Operation => {
  const { name, schemas } = route.service;
  const { entry } = route;
  const { handler = '' } = entry;
  const { input = [], output } = schemas[handler] ?? {};
  const [body, params, query] = input;
  const parameters = [
    ...pathParameters(path, params),
    ...queryParameters(query),
    ...(entry.terms?.onceMs === undefined ? [] : [keyParameter]),
  ];
  const hasBody = body !== undefined && Object.keys(body).length > 0 && entry.method !== 'GET';
  return {
    operationId: `${name}.${handler}.${verb}${key}`,
    tags: [name],
    // Whether it comes over TLS, and by which port, no contract says.
    ...(entry.host === undefined ? {} : { servers: [{ url: `//${entry.host}` }] }),
    ...securityOf(entry),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody ? { requestBody: { required: true, content: json(body) } } : {}),
    responses: {
      [entry.method === 'POST' ? '201' : '200']: {
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

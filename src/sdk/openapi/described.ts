import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { contractOf, methodSchemas, type ServiceClass } from '../contract.ts';
import type { Described, JsonSchema } from './document.ts';
import { openParts, type Side } from './open-parts.ts';

const target = 'draft-2020-12';

export const describeService = (name: string, type: ServiceClass): Described => ({
  name,
  routes: contractOf(name, type).routes,
  schemas: Object.fromEntries(
    [...methodSchemas(type)].map(([method, { input, output }]) => [
      method,
      {
        input: input.map((schema) => toJsonSchema(schema, 'input')),
        ...(output === undefined ? {} : { output: toJsonSchema(output, 'output') }),
      },
    ]),
  ),
});

/**
 * By Standard JSON Schema, which zod has, and valibot with `toStandardJsonSchema`; a schema without
 * it, and every part that JSON cannot say, stands for anything.
 */
const toJsonSchema = (schema: StandardSchemaV1 | undefined, side: Side): JsonSchema => {
  const standard = schema?.['~standard'] as Partial<StandardJSONSchemaV1.Props> | undefined;
  try {
    const { $schema: _dialect, ...described } =
      standard?.jsonSchema?.[side]({
        target,
        libraryOptions: openParts(side),
      }) ?? {};
    return described;
  } catch {
    // Of a library that cannot leave a part open: the schema says so by throwing.
    return {};
  }
};

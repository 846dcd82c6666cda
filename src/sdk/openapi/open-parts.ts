import type { JsonSchema } from './document.ts';

/** What is said of a schema: what it takes, or what it makes of that. */
export type Side = 'input' | 'output';

/** What the converter of valibot tells of a part, with what it cannot say of it. */
type Part = {
  readonly jsonSchema: JsonSchema;
  readonly errors?: readonly string[];
  readonly valibotAction?: { readonly kind: string };
};

/**
 * Options by which libraries leave a part open that JSON cannot say, such as a date, where they would
 * else refuse the whole schema. None minds those of another.
 */
export const openParts = (side: Side): Record<string, unknown> => ({
  ...ofZod,
  ...ofValibot(side),
});

const ofZod = { unrepresentable: 'any' };

const ofValibot = (side: Side) => ({
  overrideSchema: ({ errors }: Part): JsonSchema | undefined =>
    errors === undefined ? undefined : {},
  overrideAction: ({ errors, jsonSchema, valibotAction }: Part): JsonSchema | undefined => {
    if (errors === undefined) return undefined;
    // What is checked is still of its kind, and what goes in has not been transformed yet.
    const isAsBefore = side === 'input' || valibotAction?.kind === 'validation';
    return isAsBefore ? jsonSchema : {};
  },
});

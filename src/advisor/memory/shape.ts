/** Whether a value that was read from somewhere is what it should be. */
export type Shape = (value: unknown) => boolean;

export const number: Shape = (value) => Number.isFinite(value);
export const text: Shape = (value) => typeof value === 'string';
export const flag: Shape = (value) => typeof value === 'boolean';

export const oneOf =
  (values: readonly unknown[]): Shape =>
  (value) =>
    values.includes(value);

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

export const listOf =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);

/** Any keys; all values of one shape. */
export const mapOf =
  (shape: Shape): Shape =>
  (value) =>
    isObject(value) && Object.values(value).every(shape);

/** Some of these keys, and no others; all values of one shape. */
export const keyedBy =
  (keys: readonly string[], shape: Shape): Shape =>
  (value) =>
    isObject(value) &&
    Object.entries(value).every(([key, each]) => keys.includes(key) && shape(each));

/** These keys, each of its own shape; a key that is not known yet does no harm. */
export const objectOf =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(shapes).every(([key, shape]) => shape(value[key]));

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

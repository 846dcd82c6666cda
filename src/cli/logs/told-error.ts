/** An error as a log record has it: its own fields beside these. */
export type ToldError = {
  readonly message: string;
  readonly stack: string;
  readonly cause?: unknown;
  readonly errors?: unknown;
};

export const isToldError = (value: unknown): value is ToldError =>
  value !== null &&
  typeof value === 'object' &&
  'message' in value &&
  typeof value.message === 'string' &&
  'stack' in value &&
  typeof value.stack === 'string';

/** Its stack and those of what caused it, each from a line of its own. */
export const stacksOf = ({ stack, cause, errors }: ToldError): string => {
  const causes = [cause, ...(Array.isArray(errors) ? errors : [])].filter(isToldError);
  return [stack, ...causes.map((each) => `caused by ${stacksOf(each)}`)].join('\n');
};

/** What else it says of itself, such as its code. */
export const ownFields = (error: ToldError): readonly (readonly [string, unknown])[] =>
  Object.entries(error).filter(
    ([key, value]) =>
      !['name', 'message', 'stack'].includes(key) &&
      !isToldError(value) &&
      !(Array.isArray(value) && value.every(isToldError)),
  );

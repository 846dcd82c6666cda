import { isOurs, messageOf, toErrorData } from '../../protocol/forge-error.ts';

/** A chain of causes may be endless, and an AggregateError of thousands: so many are told in all. */
const mostTold = 10;

/** An error for whoever wrote the service: of ours, what to do in place of a stack in our code. */
export const authorText = (error: unknown): string => {
  if (!isOurs(error)) return errorText(error);
  const { code, message, remedy } = toErrorData(error);
  return `[${code}] ForgeError: ${message}\n  → ${remedy}`;
};

/** An error for a log, with its stack: what caused it, and those that it stands for, come after it. */
export const errorText = (error: unknown): string => {
  const told = new Set<unknown>();
  const tell = (each: unknown, indent: string): readonly string[] => {
    if (told.has(each) || told.size >= mostTold) return [];
    told.add(each);
    const { cause, errors } = fieldsOf(each);
    const inside = (named: string, inner: unknown): readonly string[] => {
      const [first, ...rest] = tell(inner, `${indent}  `);
      return first === undefined ? [] : [`${indent}  ${named}: ${first}`, ...rest];
    };
    return [
      stackOf(each).replaceAll('\n', `\n${indent}`),
      ...(Array.isArray(errors) ? errors.flatMap((one) => inside('one of its errors', one)) : []),
      ...(cause === undefined ? [] : inside('caused by', cause)),
    ];
  };
  return tell(error, '').join('\n');
};

type Fields = { readonly cause?: unknown; readonly errors?: unknown };

/** Anything can be thrown, also what throws when it is looked at. */
const fieldsOf = (error: unknown): Fields => {
  if (!(error instanceof Error)) return {};
  try {
    const { cause, errors } = error as Fields;
    return { cause, errors };
  } catch {
    return {};
  }
};

/** With the code, which a stack has only of errors that Node itself throws. */
const stackOf = (error: unknown): string => {
  if (!(error instanceof Error)) return messageOf(error);
  const { code, stack = String(error) } = error as Error & { readonly code?: unknown };
  const isMissing = typeof code === 'string' && !stack.includes(code);
  return isMissing ? `[${code}] ${stack}` : stack;
};

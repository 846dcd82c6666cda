export type ErrorFields = {
  readonly code: string;
  /** What is wrong: a sentence without full stop. */
  readonly message: string;
  /** A command or an edit that the reader can make now. */
  readonly remedy: string;
  readonly exitCode: 1 | 2 | 3 | 4 | 5;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

export class ForgeError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: ErrorFields['exitCode'];
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(fields: ErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'ForgeError';
    this.code = fields.code;
    this.remedy = fields.remedy;
    this.exitCode = fields.exitCode;
    this.facts = fields.facts ?? {};
  }
}

/** Also of another copy of this module, or of another process. */
export const isOurs = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ForgeError';

/** What crosses a socket: data, without prototype and stack. */
export type ErrorData = {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly exitCode: ErrorFields['exitCode'];
};

/** An error that crossed a socket has lost its prototype: compare `code`, never `instanceof`. */
export const toErrorData = (error: unknown): ErrorData => {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Partial<ErrorData>;
  return {
    code: typeof fields.code === 'string' ? fields.code : 'INTERNAL',
    message: messageOf(error),
    remedy: fields.remedy ?? 'See `forge logs`, and `forge logs supervisor`.',
    exitCode: fields.exitCode ?? 1,
  };
};

/** Anything can be thrown, also what cannot be turned into a text. */
export const messageOf = (error: unknown): string => {
  try {
    const { message } = Object(error) as { readonly message?: unknown };
    return String(error instanceof Error || typeof message === 'string' ? message : error);
  } catch {
    return 'something that is no error was thrown';
  }
};

export const fromErrorData = (data: ErrorData): ForgeError =>
  withoutStack(() => new ForgeError(data));

/**
 * An error of what happened in another process. Its stack would only name the frames that read a
 * socket, and costs five times the rest of it: of many calls that fail at once, milliseconds.
 */
export const withoutStack = <E extends Error>(make: () => E): E => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

import { messageOf, withoutStack } from './forge-error.ts';

/** One error of a chain of causes, as it crosses a socket: what was wrong, and nothing of where. */
export type CauseData = { readonly code?: string; readonly message: string };

const mostCauses = 4;
const longestMessage = 1_000;
const longestCode = 100;

/** The nearest cause first. A chain may be endless: only so much of it is told. */
export const toCauses = (error: unknown): readonly CauseData[] => {
  const causes: CauseData[] = [];
  let cause = causeOf(error);
  while (cause !== undefined && cause !== null && causes.length < mostCauses) {
    causes.push(bounded({ code: codeOf(cause), message: messageOf(cause) }));
    cause = causeOf(cause);
  }
  return causes;
};

/** Whatever a peer sent, none too: of peers that know no causes. */
export const fromCauses = (sent: unknown): Error | undefined => {
  const causes: readonly unknown[] = Array.isArray(sent) ? sent.slice(0, mostCauses) : [];
  return causes.filter(isCause).map(bounded).reduceRight(withCause, undefined);
};

const withCause = (cause: Error | undefined, { code, message }: CauseData): Error => {
  const error = withoutStack(() => new Error(message, cause === undefined ? {} : { cause }));
  return code === undefined ? error : Object.assign(error, { code });
};

const bounded = ({ code, message }: { readonly code?: unknown; readonly message: string }) => ({
  ...(typeof code === 'string' ? { code: code.slice(0, longestCode) } : {}),
  message: message.slice(0, longestMessage),
});

const isCause = (cause: unknown): cause is CauseData =>
  typeof (cause as Partial<CauseData> | null | undefined)?.message === 'string';

const causeOf = (error: unknown): unknown => fieldOf(error, 'cause');
const codeOf = (error: unknown): unknown => fieldOf(error, 'code');

/** Anything can be thrown, also what throws when it is looked at. */
const fieldOf = (error: unknown, name: 'cause' | 'code'): unknown => {
  try {
    return (error as Readonly<Record<typeof name, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
};

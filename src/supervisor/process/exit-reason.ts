import type { Ending } from './running.ts';
import { noThreads, saysThreadsLack } from './thread-shortage.ts';

export type Exit = {
  /** `unseen` of a process that is not our child. */
  readonly code?: number | string;
  readonly signal?: string;
  readonly output: string;
  /** Whether the kernel has killed a process of ours for want of memory. */
  readonly hasKernelKilled?: boolean;
  /** It was killed while it waited for threads that it could not get. */
  readonly hasStarved?: boolean;
  /** A command that did not run for a second. */
  readonly isShort?: boolean;
};

/**
 * A sentence's worth of why a process ended: how, and what it said last. Who is ended by others has
 * not said why; SIGKILL may be ours, and what was said before it is for those who know that.
 */
export const exitReason = (exit: Exit): string => {
  if (isHeapFull(exit)) return 'out of memory (heap)';
  if (exit.signal === 'SIGKILL' && exit.hasKernelKilled === true) return 'out of memory (kernel)';
  if (exit.code === 0 && exit.isShort === true) return `exit code 0: ${endedAtOnce}`;
  const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
  const said = saysNothing(exit) ? undefined : lastWords(exit);
  return said === undefined ? how : `${how}: ${said}`;
};

/** As one does that works off what it reads: there it finds nothing. */
const endedAtOnce = 'it has to run on, and its stdin is empty (what it reads, give it as a file)';

/** How a process ended. One that got no room for the threads that Node starts with never ran. */
export const endingOf = (exit: Exit): Ending =>
  hadNoThreads(exit) ? { reason: noThreads, isDenied: true } : { reason: exitReason(exit) };

const hadNoThreads = ({ signal, output, hasStarved }: Exit): boolean =>
  hasStarved === true || (signal === 'SIGABRT' && saysThreadsLack(output.slice(-lastPart)));

/** Before these there may be words about them; SIGABRT a process sends itself. */
const announced = ['SIGABRT', 'SIGKILL'];

const saysNothing = ({ code, signal }: Exit): boolean =>
  signal === undefined ? code === 0 : !announced.includes(signal);

/** 128 + SIGABRT, as a shell in between tells it. */
const abortCode = 134;

/**
 * V8 prints this and aborts. Who logs the sentence and ends in another way died of that other way;
 * how an adopted process ended is known to nobody, and then the sentence must do.
 */
const isHeapFull = ({ code, signal, output }: Exit): boolean =>
  (signal === 'SIGABRT' || code === abortCode || code === unseen) &&
  output.slice(-lastPart).includes('JavaScript heap out of memory');

/** Characters of a log that V8's farewell fits into; before them may be those of earlier processes. */
const lastPart = 10_000;

/** The code of a process that is not our child. */
export const unseen = 'unseen';

/**
 * The error that was printed, which stands above its stack, and where; else the last line, if it is
 * known that the process gave up by itself.
 */
export const lastWords = ({ code, output }: Exit): string | undefined => {
  const end = output.slice(-lastPart);
  if (end.includes(nativeStack)) return wordsOfAbort(end);
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const isError = (line: string) =>
    /^(?:Uncaught |\[[^\]]+\] )?\w*(?:Error|Exception)\b.*:/.test(line);
  const at = lines.findLastIndex(isError);
  if (at >= 0) return `${short(lines[at])}${placeAbove(lines, at)}`;
  if (code === unseen) return undefined;
  const last = lines.findLast((line) => !/^(?:Node\.js v|\s+at |[{}])/.test(line));
  return last === undefined ? undefined : short(last);
};

const nativeStack = '----- Native stack trace -----';

/** Node shows stacks as it aborts: what it says above them, else the first of the app's own lines. */
const wordsOfAbort = (end: string): string | undefined => {
  const cause = /(?:FATAL ERROR|Assertion failed): .*(?=\s+----- Native stack)/.exec(end)?.[0];
  if (cause !== undefined) return short(cause);
  const calls = end.split('----- JavaScript stack trace -----')[1] ?? '';
  const caller = /^ *\d+: (?!.*\bnode:)(.*\/.*)$/m.exec(calls)?.[1];
  return caller === undefined ? undefined : short(`in ${caller.replace('file://', '')}`);
};

/** Of an error of ours the sentence is enough. */
const short = (line = ''): string =>
  line
    .trim()
    .replace(/^\[[A-Z_]+\] ForgeError: /, '')
    .slice(0, 300);

/** Above an error that nobody caught Node shows the line that threw, and above that where it is. */
const placeAbove = (lines: readonly string[], error: number): string => {
  const places = lines
    .slice(Math.max(0, error - 3), error)
    .map((line) => /^(?:file:\/\/)?(\/.+:\d+)$/.exec(line)?.[1]);
  const place = places.findLast((one) => one !== undefined);
  return place === undefined ? '' : ` (${place})`;
};

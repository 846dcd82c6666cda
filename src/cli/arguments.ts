import { InvalidArgumentError, Option } from 'commander';
import { longestWaitMs } from '../protocol/control/messages.ts';
import { isEventName } from '../protocol/event-pattern.ts';
import { formatDuration, type Millis, parseDuration } from '../protocol/units.ts';

/** `30s`, `2 min`, or a number of milliseconds. */
export const duration = (text: string): number => {
  const value = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (value === undefined) throw new InvalidArgumentError('Write a time such as 30s or 2min.');
  return value;
};

/** How long somebody is kept waiting. */
export const wait = (text: string): number => {
  const value = duration(text);
  if (value <= longestWaitMs) return value;
  throw new InvalidArgumentError(`Write ${formatDuration(longestWaitMs)} at most.`);
};

/** With a time unless another is given, which the help shows as people write it. */
export const timeOption = (
  flags: string,
  description: string,
  { parse, usually }: { readonly parse: (text: string) => number; readonly usually: Millis },
): Option =>
  new Option(flags, description).argParser(parse).default(usually, formatDuration(usually));

/** Lines to copy, for below the help of a command. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  forge ${line}`).join('\n')}`;

/** A time ago (`10m`) or a moment (`2026-11-22T10:00Z`), in milliseconds since the epoch. */
export const moment = (text: string): number => {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (!/^\d/.test(text) || Number.isNaN(at)) {
    throw new InvalidArgumentError('Write a time such as 10m, or 2026-11-22T10:00Z.');
  }
  return at;
};

export const pattern = (text: string): RegExp => {
  const problem = patternProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return new RegExp(text);
};

const patternProblem = (text: string): string | undefined => {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

export const workerCount = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('Write a whole number of workers, 1 or more.');
  }
  return value;
};

export const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError('Write a port from 0 to 65535.');
  }
  return value;
};

/** An empty one is a variable of a script that was not set: it would mean nobody. */
export const list = (text: string): readonly string[] => {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length > 0) return items;
  throw new InvalidArgumentError('Write names, separated by commas, such as users,orders.');
};

export const eventName = (text: string): string => {
  if (isEventName(text)) return text;
  throw new InvalidArgumentError('Write the name of one event, such as order.paid.');
};

export const jsonValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(
      new InvalidArgumentError(`Write JSON: 7, '{"id":7}', or '"Ada"' for a text.`),
      { cause },
    );
  }
};

export type MethodName = { readonly service: string; readonly method: string };

/** `users.getUser`; a service may have dots in its name, a method may not. */
export const methodName = (text: string): MethodName => {
  const at = text.lastIndexOf('.');
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError('Write SERVICE.METHOD, such as users.getUser.');
  }
  return { service: text.slice(0, at), method: text.slice(at + 1) };
};

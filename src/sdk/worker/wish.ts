import { contextInvalid } from '../../protocol/call-errors.ts';
import {
  type CallHeaders,
  headersProblem,
  toCallHeaders,
} from '../../protocol/rpc/call-headers.ts';
import type { Carried } from '../../protocol/rpc/carried.ts';
import { parseDuration } from '../../protocol/units.ts';
import type { CallOptions } from '../call-options.ts';

/** How long the caller wants to wait; `usualMs` when it has not said so. */
export const timeoutOf = ({ timeout }: CallOptions, usualMs: number): number =>
  timeout === undefined ? usualMs : (parseDuration(timeout) ?? usualMs);

/** With the headers of one call, which its caller may set. */
export const withHeaders = (carried: Carried, given: CallHeaders | undefined): Carried => {
  if (given === undefined) return carried;
  const headers = toCallHeaders(given);
  const problem = headersProblem(headers);
  if (problem !== undefined) throw contextInvalid(problem);
  return { ...carried, headers };
};

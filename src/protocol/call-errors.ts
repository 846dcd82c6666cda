import { listed } from './errors.ts';
import { type ErrorFields, ForgeError } from './forge-error.ts';
import { mostHops } from './rpc/carried.ts';

/** The answer is no, and no fault of who answers: HTTP clients see this status. */
const refusal = (httpStatus: number, fields: ErrorFields): ForgeError =>
  Object.assign(new ForgeError(fields), { httpStatus });

export const tooManyHops = (target: string): ForgeError =>
  new ForgeError({
    code: 'TOO_MANY_HOPS',
    exitCode: 1,
    message: `${target} would be hop ${mostHops + 1} of one request, which goes in a circle`,
    remedy: 'Break the circle of calls or events; the trace shows who is in it.',
    facts: { target },
  });

export const callerForged = (from: string, target: string): ForgeError =>
  new ForgeError({
    code: 'CALLER_FORGED',
    exitCode: 1,
    message: `${target} was called as if by ${from}, over the link of somebody else`,
    remedy: 'Call it from the service itself; `forge call` is for people.',
    facts: { target, from, executed: 'no' },
  });

export const contextInvalid = (problem: string): ForgeError =>
  new ForgeError({
    code: 'CONTEXT_INVALID',
    exitCode: 1,
    message: `A request cannot carry ${problem}`,
    remedy: 'Carry less: an id instead of what it stands for.',
  });

export const serviceStopped = (target: string, service: string): ForgeError =>
  new ForgeError({
    code: 'SERVICE_STOPPED',
    exitCode: 3,
    message: `${service} was stopped by an operator`,
    remedy: `Start it again with \`forge start ${service}\`.`,
    facts: { target, service, executed: 'no' },
  });

export const notConnected = (from: string, to: string, connects: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'NOT_CONNECTED',
    exitCode: 1,
    message: `${from} does not connect to ${to}`,
    remedy: `Name one of: ${listed(connects)}; or add the service to \`connects\` of ${from}.`,
    facts: { from, to, connects },
  });

export const takesNoMessages = (to: string): ForgeError =>
  new ForgeError({
    code: 'TAKES_NO_MESSAGES',
    exitCode: 1,
    message: `${to} is a remote service, which takes no messages`,
    remedy: `Call one of its methods, as \`this.${to}.METHOD()\`.`,
    facts: { to },
  });

export const hasNoMethods = (service: string): ForgeError =>
  new ForgeError({
    code: 'HAS_NO_METHODS',
    exitCode: 2,
    message: `${service} is a command, which has no methods to call`,
    remedy: 'Ask it over HTTP at its port, if it has one: `forge status` names it.',
    facts: { service },
  });

export const payloadRefused = (problem: string, cause?: unknown): ForgeError =>
  new ForgeError({
    code: 'PAYLOAD_REFUSED',
    exitCode: 1,
    message: `What was sent holds ${problem}`,
    remedy:
      'Send plain data: what a promise answers (`await` it), the values of a Set, the message of an Error, an id in place of an object that leads back, a stream of what is large.',
    facts: { problem },
    cause,
  });

export const rateLimited = (
  target: string,
  { perSecond, waitMs }: { readonly perSecond: number; readonly waitMs: number },
): ForgeError =>
  refusal(429, {
    code: 'RATE_LIMITED',
    exitCode: 1,
    message: `${target} may be called ${perSecond} times a second`,
    remedy: 'Call it less often, or raise its rate in `calls` of the config or in its contract.',
    facts: { target, waitMs: Math.ceil(waitMs) },
  });

export const inputInvalid = (target: string, problem: string): ForgeError =>
  refusal(400, {
    code: 'INPUT_INVALID',
    exitCode: 1,
    message: `${target} cannot take this input: ${problem}`,
    remedy: 'Send what its schema describes; `forge openapi` prints it.',
    facts: { target },
  });

export const outputInvalid = (target: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'OUTPUT_INVALID',
    exitCode: 1,
    message: `${target} answered what its contract does not promise: ${problem}`,
    remedy: 'Correct the method, or the output in its contract.',
    facts: { target },
  });

export const answerNotJson = (cause: unknown): ForgeError =>
  new ForgeError({
    code: 'ANSWER_NOT_JSON',
    exitCode: 1,
    message: `JSON cannot say what was answered: ${cause instanceof Error ? cause.message : cause}`,
    remedy:
      'Answer with what JSON knows: what a promise answers (`await` it), a large integer as a text, a Set as a list, and nothing that holds itself.',
    cause,
  });

export const interceptorsInvalid = (service: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'INTERCEPTORS_INVALID',
    exitCode: 2,
    message: `The interceptors of ${service} ${problem}`,
    remedy: 'Export `server` and `client`, each a list of functions `(call, next) => next(call)`.',
    facts: { service },
  });

export const eventNotHandled = (event: string, failed: number, all: number): ForgeError =>
  new ForgeError({
    code: 'EVENT_NOT_HANDLED',
    exitCode: 1,
    message: `${event} failed for ${failed} of ${all} subscribers`,
    remedy: 'See `forge logs` of those that failed.',
    facts: { event, failed },
  });

export const answerUnread = (target: string): ForgeError =>
  new ForgeError({
    code: 'ANSWER_UNREAD',
    exitCode: 1,
    message: `${target} was run, but its caller leaves too many answers unread to be sent another`,
    remedy: 'Ask for fewer large answers at once, or let the method answer a stream.',
    facts: { target },
  });

import { ForgeError, toErrorData } from './forge-error.ts';
import { moduleRemedy } from './module-remedy.ts';

/** Every error that a user can see is a factory here and an entry in `docs/errors.md`. */
export const listed = (names: readonly string[]): string =>
  names.length > 0 ? names.join(', ') : 'none';

export const controlUnreachable = (socketPath: string, cause: unknown): ForgeError =>
  new ForgeError({
    code: 'CONTROL_UNREACHABLE',
    exitCode: 4,
    message: `No supervisor answers on ${socketPath}`,
    remedy: 'Start one with `forge start`, or name another app with `--app DIR`.',
    facts: { socketPath },
    cause,
  });

export const controlVersion = (theirs: number, ours: number): ForgeError =>
  new ForgeError({
    code: 'CONTROL_VERSION',
    exitCode: 1,
    message: `The supervisor speaks control protocol ${theirs}, this command speaks ${ours}`,
    remedy: 'Use the `forge` of the version that started the app, or restart the app.',
    facts: { theirs, ours },
  });

export const wrongUsage = (message: string, remedy: string): ForgeError =>
  new ForgeError({ code: 'WRONG_USAGE', exitCode: 2, message, remedy });

export const unknownService = (name: string, known: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'UNKNOWN_SERVICE',
    exitCode: 2,
    message: `There is no service ${name}`,
    remedy: `Name one of: ${listed(known)}.`,
    facts: { name, known },
  });

export const unknownSetting = (key: string, known: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'UNKNOWN_SETTING',
    exitCode: 2,
    message: `There is no setting ${key}`,
    remedy: `Name one of: ${listed(known)}.`,
    facts: { key },
  });

export const consoleFile = (file: string, problem: string, cause?: unknown): ForgeError =>
  new ForgeError({
    code: 'CONSOLE_FILE',
    exitCode: 2,
    message: `${file}: ${problem}`,
    remedy: 'Correct the file, or move it away: every setting in it is optional.',
    facts: { file },
    cause,
  });

export const refused = (message: string, remedy: string): ForgeError =>
  new ForgeError({ code: 'REFUSED', exitCode: 3, message, remedy });

export const notReady = (what: string, detail: string): ForgeError =>
  new ForgeError({
    code: 'NOT_READY',
    exitCode: 3,
    message: `${what} did not become ready: ${detail}`,
    remedy: moduleRemedy(detail, 'Nothing was changed; correct the service and try again.'),
    facts: { what, detail },
  });

/** Several things were asked for: the first ones were done, and then one could not be. */
export const partlyDone = (done: readonly string[], cause: unknown): ForgeError =>
  new ForgeError({
    code: 'PARTLY_DONE',
    exitCode: 1,
    message: `${toErrorData(cause).message}; replaced before that: ${done.join(', ')}`,
    remedy: 'Correct what failed and name it again; what was replaced stays so.',
    facts: { done },
    cause,
  });

export const stateUnreadable = (file: string, cause: unknown): ForgeError =>
  new ForgeError({
    code: 'STATE_UNREADABLE',
    exitCode: 1,
    message: `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
    remedy: 'Start the app: the supervisor sets a damaged file aside and begins a new one.',
    facts: { file },
    cause,
  });

export const noHistory = (directory: string): ForgeError =>
  new ForgeError({
    code: 'NO_HISTORY',
    exitCode: 1,
    message: `Nothing is recorded of the app in ${directory}`,
    remedy: 'Start it (`forge start`): it is recorded while it runs.',
    facts: { directory },
  });

export const historyFileInvalid = (file: string, problem: string, cause?: unknown): ForgeError =>
  new ForgeError({
    code: 'HISTORY_FILE_INVALID',
    exitCode: 2,
    message: `${file} is no history that can be read: ${problem}`,
    remedy: 'Write one with `forge history export FILE`.',
    facts: { file },
    cause,
  });

export const actionConflict = (service: string, other: string): ForgeError =>
  new ForgeError({
    code: 'ACTION_CONFLICT',
    exitCode: 5,
    message: `${service} is being changed by ${other}`,
    remedy: 'Wait for it to end (`forge actions`), then try again.',
    facts: { service, other },
  });

export const answerLost = (cause: unknown): ForgeError =>
  new ForgeError({
    code: 'ANSWER_LOST',
    exitCode: 4,
    message: 'The supervisor ended before it said what came of it',
    remedy:
      'See `forge actions`: with `forge wait` before it, also what the next supervisor did of it.',
    cause,
  });

export const readOnly = (method: string): ForgeError =>
  new ForgeError({
    code: 'READ_ONLY',
    exitCode: 3,
    message: `A viewer may not ${method}`,
    remedy: 'Attach without `--read-only` to act.',
    facts: { method },
  });

export const unknownAdvice = (id: string, known: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'UNKNOWN_ADVICE',
    exitCode: 2,
    message: `There is no open recommendation ${id}: it was accepted, put away, or is no longer true`,
    remedy: `What came of it \`forge events\` and \`forge actions\` tell; open is: ${listed(known)}.`,
    facts: { id, known },
  });

const candidatesTold = 5;

export const ambiguousId = (typed: string, found: readonly string[]): ForgeError => {
  const more = found.length > candidatesTold ? ` and ${found.length - candidatesTold} more` : '';
  return new ForgeError({
    code: 'AMBIGUOUS_ID',
    exitCode: 2,
    message: `${typed} is the beginning of ${found.length} ids`,
    remedy: `Write more of the one that is meant: ${listed(found.slice(0, candidatesTold))}${more}.`,
    facts: { typed, found },
  });
};

export const nothingSeen = (service: string): ForgeError =>
  new ForgeError({
    code: 'NOTHING_SEEN',
    exitCode: 3,
    message: `The advisor has not seen ${service} yet`,
    remedy: 'Ask again when one of its workers has run for some seconds.',
    facts: { service },
  });

export const nothingToUndo = (id?: string, why?: string): ForgeError =>
  new ForgeError({
    code: 'NOTHING_TO_UNDO',
    exitCode: 3,
    message: id === undefined ? 'No action can be undone' : `Action ${id} cannot be undone: ${why}`,
    remedy: '`forge actions` lists what was done.',
    facts: { id },
  });

export const badMessage = (where: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'BAD_MESSAGE',
    exitCode: 1,
    message: `${where} sent a message that cannot be read: ${problem}`,
    remedy: 'Speak the protocol of this socket, as docs/architecture.md describes it.',
    facts: { where, problem },
  });

export const messageTooLarge = (bytes: number, limit: number): ForgeError =>
  new ForgeError({
    code: 'MESSAGE_TOO_LARGE',
    exitCode: 1,
    message: `A call or an answer of ${bytes} bytes is over the limit of ${limit}`,
    remedy: 'Send it in parts, or where it can be fetched from.',
    facts: { bytes, limit },
  });

/** A call that could not be answered. `executed` tells a retry whether it may run twice. */
export const unavailable = (target: string, executed: 'no' | 'maybe', detail: string): ForgeError =>
  new ForgeError({
    code: 'UNAVAILABLE',
    exitCode: 1,
    message: `${target} is unavailable: ${detail}`,
    remedy: 'See `forge status` for its state.',
    facts: { target, executed },
  });

export const deadlineExceeded = (target: string, afterMs: number): ForgeError =>
  new ForgeError({
    code: 'DEADLINE_EXCEEDED',
    exitCode: 1,
    message: `${target} gave no answer within ${Math.round(afterMs)} ms`,
    remedy: 'See `forge top` for where its time goes, or raise timeouts.request.',
    facts: { target, afterMs },
  });

export const resourceExhausted = (target: string, pending: number): ForgeError =>
  new ForgeError({
    code: 'RESOURCE_EXHAUSTED',
    exitCode: 1,
    message: `${target} already has ${pending} calls pending`,
    remedy: 'Scale it up (`forge scale`), or call it less often.',
    facts: { target, pending },
  });

export const cancelled = (target: string): ForgeError =>
  new ForgeError({
    code: 'CANCELLED',
    exitCode: 1,
    message: `${target} was cancelled by whoever called it`,
    remedy: 'Call it again if the answer is still wanted.',
    facts: { target },
  });

export const overloaded = (service: string): ForgeError =>
  new ForgeError({
    code: 'OVERLOADED',
    exitCode: 1,
    message: `${service} has more to do than it can at its usual speed`,
    remedy: 'Scale it up (`forge scale`), or ask again later.',
    facts: { service },
  });

export const methodNotExposed = (target: string, known: readonly string[]): ForgeError =>
  new ForgeError({
    code: 'METHOD_NOT_EXPOSED',
    exitCode: 1,
    message: `${target} is not exposed`,
    remedy: `Add it to the contract's expose; exposed are ${listed(known)}.`,
    facts: { target, known },
  });

export const contractInvalid = (service: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'CONTRACT_INVALID',
    exitCode: 2,
    message: `The contract of ${service} ${problem}`,
    remedy: 'Correct `static contract` or the decorators of the class.',
    facts: { service },
  });

export const unitUnwritable = (value: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'UNIT_UNWRITABLE',
    exitCode: 2,
    message: `A unit file cannot hold ${JSON.stringify(value)}: it ${problem}`,
    remedy: 'Rename the app, or move it to a folder with a plain name.',
    facts: { value },
  });

export const unitEdited = (file: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'UNIT_EDITED',
    exitCode: 3,
    message: `${file} is not overwritten: ${problem}`,
    remedy:
      'Keep changes in a drop-in (`systemctl edit NAME`) and remove this file, then try again.',
    facts: { file },
  });

/** What HTTP calls the codes that every service may throw: those of gRPC, and our own. */
const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_EXPOSED: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  CANCELLED: 499,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  SERVICE_STOPPED: 503,
  RESOURCE_EXHAUSTED: 503,
  ANSWER_UNREAD: 503,
  OVERLOADED: 503,
  DEADLINE_EXCEEDED: 504,
  TOO_MANY_HOPS: 508,
};

/** What HTTP calls an error: what it says itself, else what its code stands for, else 500. */
export const statusOf = (error: unknown): number =>
  ownStatusOf(error) ?? statuses[codeOf(error) ?? ''] ?? 500;

/** A status that the error itself says: whoever gave it one meant it for a client. */
export const ownStatusOf = (error: unknown): number | undefined => {
  const { httpStatus } = (error ?? {}) as { readonly httpStatus?: unknown };
  return isErrorStatus(httpStatus) ? httpStatus : undefined;
};

/** The code of an error if it is one of those above: any other may come from a library. */
export const knownCodeOf = (error: unknown): string | undefined => {
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(statuses, code) ? code : undefined;
};

export const codeOf = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
};

/** A service can throw anything; Node refuses a status that is none, and 2xx would be a lie. */
const isErrorStatus = (status: unknown): status is number =>
  typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;

/** Of a contract route that answered: nothing is 204, and what was posted is created. */
export const successStatus = (method: string | undefined, value: unknown): number => {
  if (value === undefined) return 204;
  return method === 'POST' ? 201 : 200;
};

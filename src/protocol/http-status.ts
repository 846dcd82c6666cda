const statuses: Readonly<Record<string, number>> = {
  UNAVAILABLE: 503,
  SERVICE_STOPPED: 503,
  RESOURCE_EXHAUSTED: 503,
  OVERLOADED: 503,
  DEADLINE_EXCEEDED: 504,
  METHOD_NOT_EXPOSED: 404,
  TOO_MANY_HOPS: 508,
};

/** What HTTP calls an error: what it says itself, else what its code stands for, else 500. */
export const statusOf = (error: unknown): number => {
  const { code, httpStatus } = (error ?? {}) as {
    readonly code?: string;
    readonly httpStatus?: unknown;
  };
  return isErrorStatus(httpStatus) ? httpStatus : (statuses[code ?? ''] ?? 500);
};

/** A service can throw anything; Node refuses a status that is none, and 2xx would be a lie. */
const isErrorStatus = (status: unknown): status is number =>
  typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;

/** Of a contract route that answered: nothing is 204, and what was posted is created. */
export const successStatus = (method: string | undefined, value: unknown): number => {
  if (value === undefined) return 204;
  return method === 'POST' ? 201 : 200;
};

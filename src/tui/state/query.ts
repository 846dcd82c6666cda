import type { ServiceStatus } from '../../protocol/metrics.ts';
import { currentWorkers } from '../../protocol/standby.ts';

type Figure = (service: ServiceStatus) => number;

/** What a query can compare, in the units of the table. */
export const queryFields: Readonly<Record<string, Figure>> = {
  cpu: ({ cpu }) => cpu,
  p50: ({ latencyMs }) => latencyMs.p50,
  p99: ({ latencyMs }) => latencyMs.p99,
  rps: ({ requestsPerSecond }) => requestsPerSecond,
  err: ({ errorRate }) => errorRate * 100,
  pend: ({ pending }) => pending,
  mem: ({ memoryBytes, workers }) => memoryBytes / Math.max(1, workers.length) / 1024 / 1024,
  wrk: ({ workers }) => currentWorkers(workers).length,
  rst: ({ workers }) => workers.reduce((sum, { restarts }) => sum + restarts, 0),
};

type Test = (service: ServiceStatus) => boolean;

const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => Math.abs(a - b) < 0.5,
};

/**
 * `cpu>60 group=main ord`: every word must be true of a service. A word without a comparison is a
 * part of its name; `!` alone is true of what is in trouble.
 */
export const matching = (
  services: readonly ServiceStatus[],
  query: string,
): readonly ServiceStatus[] => {
  const words = query.split(/\s+/).filter((word) => word !== '');
  return words.reduce<readonly ServiceStatus[]>(
    (left, word) => withWord(left, word, comparison(word)),
    services,
  );
};

const withWord = (
  services: readonly ServiceStatus[],
  word: string,
  test: Test | undefined,
): readonly ServiceStatus[] => {
  if (test !== undefined) return services.filter(test);
  const named = services.filter(({ name }) => name.includes(word));
  // Letters in their order are enough when no name has them side by side.
  return named.length > 0 ? named : services.filter(({ name }) => isScattered(word, name));
};

const comparison = (word: string): Test | undefined => {
  if (word === '!') return ({ severity, status }) => severity !== 'ok' || status !== 'ready';
  const [, field = '', operator = '', value = ''] =
    /^([a-z0-9]+)(>=|<=|>|<|=)(.+)$/.exec(word) ?? [];
  if (field === 'group') return ({ group }) => group === value;
  const figure = queryFields[field];
  const compare = operators[operator];
  if (figure === undefined || compare === undefined) return undefined;
  return (service) => compare(figure(service), Number(value));
};

const isScattered = (word: string, name: string): boolean => {
  let at = 0;
  for (const letter of word) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
};

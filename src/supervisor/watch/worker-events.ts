import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { Severity } from '../../protocol/severity.ts';
import { spoken, type WorkerStatus } from '../../protocol/topology.ts';
import type { WorkerProcess } from '../process/worker-process.ts';

type Told = Pick<WorkerProcess, 'id' | 'group' | 'services' | 'status' | 'failures' | 'lastCrash'>;

/** What the timeline says of a worker that ended by itself; `isSpare`: others have its place. */
export const crashEvent = (worker: Told, isSpare: boolean): TimelineEvent => {
  const isLost = worker.status === 'failed';
  const next = isLost || isSpare ? 'it is not started again' : 'it is started again';
  const text = `${spoken(worker.id)} ended (${worker.lastCrash}); ${next}`;
  return toEvent(nameOf(worker), isLost ? 'critical' : 'warning', text);
};

/** What it says of one for whose process there is no room. */
export const denialEvent = (worker: Told): TimelineEvent =>
  workerEvent(
    worker,
    'critical',
    `cannot be started: ${worker.lastCrash}; it is tried again until it can`,
  );

/** What it says of one that was asked to end, and had to be killed. */
export const overdueEvent = (worker: Told): TimelineEvent =>
  workerEvent(worker, 'warning', 'did not end within `timeouts.stop`, and was killed');

/** What the timeline says when a worker has become ready: not much, if it went as it should. */
export const arrivalEvents = (worker: Told, was: WorkerStatus): readonly TimelineEvent[] => {
  if (worker.status !== 'ready' || was === 'ready') return [];
  const failures = [...worker.failures].map(([service, error]) =>
    toEvent(service, 'critical', `${service} failed in ${spoken(worker.id)}: ${error}`),
  );
  // One that was taken over has been ready all along, however often it had crashed before.
  if (worker.lastCrash === undefined) return failures;
  return [...failures, toEvent(nameOf(worker), 'ok', `${spoken(worker.id)} is ready again`)];
};

/** Something that the supervisor does with a worker. */
export const workerEvent = (
  worker: Pick<Told, 'id' | 'group' | 'services'>,
  severity: Severity,
  what: string,
): TimelineEvent => toEvent(nameOf(worker), severity, `${spoken(worker.id)} ${what}`);

const toEvent = (service: string, severity: Severity, text: string): TimelineEvent => ({
  at: new Date().toISOString(),
  kind: 'worker',
  severity,
  service,
  text,
});

const nameOf = (worker: Pick<Told, 'group' | 'services'>): string =>
  worker.services.length === 1 ? (worker.services[0] ?? worker.group) : worker.group;

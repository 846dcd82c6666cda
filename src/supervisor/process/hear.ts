import type { ToSupervisor } from '../../protocol/worker/messages.ts';
import type { Event } from './lifecycle.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { WorkerWatcher } from './worker-watcher.ts';

type Hearer = {
  readonly watcher: WorkerWatcher;
  readonly dispatch: (event: Event) => void;
};

/** Takes what a worker says for what is known of it. */
export const hear = (
  worker: WorkerProcess,
  message: ToSupervisor,
  { watcher, dispatch }: Hearer,
): void => {
  switch (message.type) {
    case 'hello':
    case 'watch':
      return;
    case 'routed':
      worker.routes.take(message.generation);
      watcher.routed();
      return;
    case 'blocked':
    case 'stalled':
      watcher.held(worker, message);
      return;
    case 'health':
      worker.unhealthy = new Map(Object.entries(message.unhealthy));
      watcher.changed(worker, worker.status);
      return;
    case 'unblocked':
      worker.setBlocked(undefined);
      return;
    case 'bound':
      worker.contracts = message.contracts;
      worker.isBound = true;
      dispatch({ type: 'bound' });
      watcher.bound(worker);
      return;
    case 'ready':
      worker.contracts = message.contracts;
      worker.failures = new Map(message.failed.map(({ service, error }) => [service, error]));
      dispatch({ type: 'ready' });
      // It was told to leave by a supervisor that did not live to see it go.
      if (message.draining === true) worker.stop();
      return;
    case 'sample':
      worker.rest.sampled(message.sample);
      watcher.sampled(worker, message.sample);
      return;
    case 'rest':
      worker.rest.confirmed();
      return;
    case 'drained':
      dispatch({ type: 'drained' });
      return;
    case 'slowest':
      worker.inquiry.answered(message);
      return;
    case 'asked':
      watcher.asked(worker, message.port);
      return;
    case 'observed':
      watcher.observed(message, worker);
  }
};

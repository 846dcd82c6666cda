import type { Participant } from './channel.ts';

/** A watchdog speaks for its worker, whose own connection it does not touch. */
export const watchdogOf = (worker: Participant): Participant => ({
  receive: (message) => worker.receive(message),
  disconnected: () => undefined,
});

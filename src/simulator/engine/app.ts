/** What a request of a service does, one thing after the other. */
export type Step =
  /** Holds the event loop; the mean of a request, spread by the service's `cv2`. */
  | { readonly type: 'cpu'; readonly ms: number }
  /** Waits outside of the app, exponentially; through a pool, for a connection first. */
  | { readonly type: 'io'; readonly ms: number; readonly pool?: Pool }
  | { readonly type: 'call'; readonly service: string; readonly awaited: boolean };

/** Connections that all workers of a service share. */
export type Pool = { readonly name: string; readonly size: number };

/** A service of the simulated app. A scenario changes it while the app runs. */
export type SimulatedService = {
  readonly name: string;
  /** Services of one group share the event loops of its workers. */
  group: string;
  steps: readonly Step[];
  /** Squared coefficient of variation of the CPU that a request needs. */
  cv2: number;
  workers: number;
  minWorkers: number;
  maxWorkers: number;
  /** Requests a second from outside; calls from other services come on top. */
  requestsPerSecond: number;
  /** Of a process that has run for so many seconds. */
  memoryMb: (ageSeconds: number) => number;
  /** This part of the requests has one key, which one worker owns. */
  hotShare: number;
};

export type SimulatedApp = {
  readonly cores: number;
  readonly memoryMb: number;
  readonly startDelayMs: number;
  /** To any worker, whether busy or not, or to the less loaded of two, or the least of all. */
  readonly routing: Routing;
  readonly services: readonly SimulatedService[];
};

export const routings = ['p2c', 'least-pending'] as const;
export type Routing = (typeof routings)[number];

export const simulatedService = (
  name: string,
  given: Partial<Omit<SimulatedService, 'name'>> = {},
): SimulatedService => ({
  name,
  group: name,
  steps: [{ type: 'cpu', ms: 5 }],
  cv2: 1,
  workers: 1,
  minWorkers: 1,
  maxWorkers: 24,
  requestsPerSecond: 0,
  memoryMb: () => 90,
  hotShare: 0,
  ...given,
});

/** So much CPU and so much waiting, in turns. */
export const inSlices = (cpuMs: number, ioMs: number, slices = 3): readonly Step[] =>
  Array.from({ length: slices }, (_, index): readonly Step[] => [
    ...(index > 0 && ioMs > 0 ? [{ type: 'io' as const, ms: ioMs / Math.max(1, slices - 1) }] : []),
    { type: 'cpu', ms: cpuMs / slices },
  ]).flat();

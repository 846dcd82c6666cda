import type { ServerResponse } from 'node:http';
import type { RoutingTable } from '../../../protocol/topology.ts';
import type { Observed } from '../../../protocol/worker/messages.ts';
import { executedOf } from '../../../sdk/rpc/calling/tries.ts';
import { ServiceMeter } from '../../../sdk/rpc/meters/service-meter.ts';

type Seen = {
  readonly meter: ServiceMeter;
  pending: number;
  isLeaving: boolean;
};

/** Measures from outside what commands do, as they cannot say it themselves. */
export class Witness {
  readonly #seen = new Map<string, Seen>();
  readonly #tell: (observed: Observed) => void;
  #isLeaving = false;

  constructor(tell: (observed: Observed) => void) {
    this.#tell = tell;
  }

  update({ services }: Pick<RoutingTable, 'services'>): void {
    const instances = Object.entries(services).flatMap(([service, { endpoints }]) =>
      endpoints
        .filter(({ port }) => port !== undefined)
        .map(({ workerId, leaving }) => ({ service, workerId, isLeaving: leaving === true })),
    );
    const named = new Set(instances.map(({ workerId }) => workerId));
    for (const id of this.#seen.keys()) if (!named.has(id)) this.#seen.delete(id);
    for (const { service, workerId, isLeaving } of instances) {
      const seen = this.#seen.get(workerId) ?? newSeen(service);
      this.#seen.set(workerId, seen);
      const isNews = isLeaving && !seen.isLeaving;
      seen.isLeaving = isLeaving;
      if (isNews) this.#tellIfVacant(workerId, seen);
    }
  }

  /** Sends a request to an instance, and measures how it is answered. */
  async watch(
    workerId: string,
    response: ServerResponse,
    send: () => Promise<void>,
  ): Promise<void> {
    const seen = this.#seen.get(workerId);
    if (seen === undefined) return send();
    const startedAt = performance.now();
    const end = (failed: boolean): void => {
      seen.meter.answered(performance.now() - startedAt, failed);
      this.#left(workerId, seen);
    };
    const closed = (): void => end(response.statusCode >= 500);
    seen.pending += 1;
    seen.meter.arrived(0);
    response.once('close', closed);
    try {
      await send();
    } catch (error) {
      response.off('close', closed);
      if (executedOf(error) === 'no') this.#withdrawn(workerId, seen);
      else end(true);
      throw error;
    }
  }

  /** What there was since the last time. */
  report(): void {
    for (const [workerId, seen] of this.#seen) this.#report(workerId, seen);
  }

  /** The ingress itself sends nothing more to anybody. */
  leave(): void {
    this.#isLeaving = true;
    this.report();
  }

  #withdrawn(workerId: string, seen: Seen): void {
    seen.meter.withdrawn();
    this.#left(workerId, seen);
  }

  #left(workerId: string, seen: Seen): void {
    seen.pending -= 1;
    this.#tellIfVacant(workerId, seen);
  }

  #tellIfVacant(workerId: string, seen: Seen): void {
    if (seen.isLeaving && seen.pending === 0) this.#report(workerId, seen);
  }

  #report(workerId: string, { meter, isLeaving }: Seen): void {
    const sample = meter.take();
    this.#tell({ type: 'observed', workerId, sample, isLeft: isLeaving || this.#isLeaving });
  }
}

const newSeen = (service: string): Seen => ({
  meter: new ServiceMeter(service),
  pending: 0,
  isLeaving: false,
});

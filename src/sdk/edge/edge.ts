import type { HttpSettings } from '../../protocol/http.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import type { DoorPort } from '../../protocol/worker/messages.ts';
import type { Hosted } from '../worker/hosted.ts';
import type { RawRoutes } from '../worker/raw-routes.ts';
import { Census } from './census.ts';
import { ServiceDoor } from './service-door.ts';

/** Longer than a client that is asked to come again takes to do so. */
const levelEveryMs = 500;

export type EdgeHouse = {
  readonly workerId: string;
  readonly hosted: ReadonlyMap<string, Hosted>;
  readonly rawRoutes: RawRoutes;
  readonly requestTimeoutMs: number;
};

type Doors = { readonly ports: readonly DoorPort[]; readonly http: HttpSettings };

/** The ports of the services of this worker that have one of their own. */
export class Edge {
  #doors: readonly ServiceDoor[];
  /** Nobody comes in by them any more, and who is in is answered to the end. */
  #closed: readonly ServiceDoor[] = [];
  readonly #workerId: string;
  #census: Census | undefined;
  #levelling: NodeJS.Timeout | undefined;

  constructor({ ports, http }: Doors, house: EdgeHouse) {
    this.#workerId = house.workerId;
    this.#doors = ports.flatMap((port) => {
      const hosted = house.hosted.get(port.service);
      return hosted === undefined ? [] : [new ServiceDoor({ ...house, port, http, hosted })];
    });
  }

  /** The services have started: what they answer is known. */
  async open(): Promise<void> {
    await Promise.all(this.#doors.map((door) => door.start()));
  }

  update(table: RoutingTable): void {
    for (const door of this.#doors) door.update(table);
    const endpoints = Object.values(table.services).flatMap((service) => service.endpoints);
    const own = endpoints.find(({ workerId }) => workerId === this.#workerId);
    if (own === undefined || this.#census !== undefined) return;
    this.#census = new Census(own.rpcPath);
    this.#levelling = setInterval(() => this.#level(), levelEveryMs).unref();
  }

  /** Closes the doors at other ports. */
  keep(ports: readonly number[]): void {
    const closed = this.#doors.filter(({ port }) => !ports.includes(port));
    if (closed.length === 0) return;
    this.#doors = this.#doors.filter((door) => !closed.includes(door));
    this.#closed = [...this.#closed, ...closed];
    for (const door of closed) void door.leave();
  }

  get #all(): readonly ServiceDoor[] {
    return [...this.#doors, ...this.#closed];
  }

  #level(): void {
    const counts = this.#doors.map((door) => [door.service, door.connections] as const);
    this.#census?.tell(Object.fromEntries(counts));
    for (const door of this.#doors) door.level((rpcPath) => Census.of(rpcPath)?.[door.service]);
  }

  /** Resolves when nothing new can come in. */
  async leave(): Promise<void> {
    await Promise.all(this.#all.map((door) => door.leave().rested));
  }

  /** Resolves when nobody is left. */
  async left(): Promise<void> {
    await Promise.all(this.#all.map((door) => door.leave().gone));
  }

  /** There is no more time. */
  async end(): Promise<void> {
    clearInterval(this.#levelling);
    this.#census?.close();
    await Promise.all(this.#all.map((door) => door.end()));
  }
}

import { isDeepStrictEqual } from 'node:util';
import { refused } from '../../protocol/errors.ts';
import { hasEntry, spoken } from '../../protocol/topology.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { portsIn } from '../succession/held-ports.ts';
import { readNotes } from '../succession/notes.ts';
import type { Run } from '../succession/run.ts';

type Numbers = Readonly<Record<string, number>>;

export type OwnPortsParts = {
  readonly run: Run;
  /** All that hold ports. */
  readonly processes: () => readonly WorkerProcess[];
};

/**
 * The ports of services from one config to the next: what is new is opened first, the workers that
 * it needs are started by others, and what is former is closed when nobody needs it for a way back.
 */
export class OwnPorts {
  readonly #parts: OwnPortsParts;

  constructor(parts: OwnPortsParts) {
    this.#parts = parts;
  }

  get numbers(): Numbers {
    return this.#parts.run.ports.numbers.services ?? {};
  }

  /** Opens what this config newly asks for; throws and opens nothing when that cannot be. */
  open(config: AppConfig): void {
    const wanted = wantedPorts(config, this.numbers);
    if (isDeepStrictEqual(wanted, this.numbers)) return;
    this.#checkProcesses();
    this.give(wanted, config);
  }

  /** Also the way back, which cannot fail before `settle`. */
  give(numbers: Numbers, config: AppConfig): void {
    const { run } = this.#parts;
    if (isDeepStrictEqual(numbers, this.numbers)) return;
    run.ports.give(numbers);
    run.note(config);
  }

  /** What is open; the worker may have been started when that was more. */
  tell(worker: WorkerProcess): void {
    const { ports, inherited } = this.#parts.run;
    const isInherited = inherited.some(({ pid }) => pid === worker.pid);
    const held = isInherited ? ports.heldBefore : portsIn(ports.numbers);
    worker.send({ type: 'ports', held, doors: ports.doors });
  }

  /**
   * Closes what services have no more. Those who only hold it let go first: while they did and
   * nobody accepts, clients would connect and not be answered.
   */
  async settle(everyoneHasHeard: () => Promise<void>): Promise<void> {
    const { ports } = this.#parts.run;
    if (!ports.hasFormer) return;
    this.#tellAll();
    await everyoneHasHeard();
    ports.closeFormer();
    this.#tellAll();
    await everyoneHasHeard();
  }

  /** Some process holds other ports than those that are open now, or in another order. */
  get isMixed(): boolean {
    const held = portsIn(this.#parts.run.ports.numbers);
    return this.#held().some((one) => !isDeepStrictEqual(one.held ?? held, held));
  }

  #tellAll(): void {
    for (const each of this.#parts.processes()) this.tell(each);
  }

  /** Those of an earlier version know descriptors by their position only, and close none. */
  #checkProcesses(): void {
    const old = this.#held().filter(({ held }) => held === undefined);
    if (old.length === 0) return;
    const names = old.map(({ workerId }) => spoken(workerId)).join(', ');
    throw refused(
      `Ports cannot be changed while processes of an earlier version run: ${names}`,
      'Stop the app and start it again.',
    );
  }

  #held() {
    return readNotes(this.#parts.run.directory).filter((one) => !one.isForeign && isAlive(one));
  }
}

/** Any free one stays what it is. */
const wantedPorts = ({ services }: AppConfig, now: Numbers): Numbers =>
  Object.fromEntries(
    services.filter(hasEntry).flatMap(({ name, port }) => {
      if (typeof port !== 'number') return [];
      return [[name, port === 0 ? (now[name] ?? 0) : port]];
    }),
  );

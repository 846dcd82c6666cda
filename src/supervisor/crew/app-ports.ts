import { isDeepStrictEqual } from 'node:util';
import { refused } from '../../protocol/errors.ts';
import { hasEntry, isCommand, type ServiceConfig, spoken } from '../../protocol/topology.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { type PortNumbers, portsIn } from '../succession/held-ports.ts';
import { readNotes } from '../succession/notes.ts';
import type { Run } from '../succession/run.ts';
import { isIngress } from './crew.ts';

export type AppPortsParts = {
  readonly run: Run;
  /** All that hold ports. */
  readonly processes: () => readonly WorkerProcess[];
};

/**
 * The ports of an app from one config to the next: what is new is opened first, the processes that
 * it needs are started by others, and what is former is closed when nobody needs it for a way back.
 */
export class AppPorts {
  readonly #parts: AppPortsParts;

  constructor(parts: AppPortsParts) {
    this.#parts = parts;
  }

  get numbers(): PortNumbers {
    return this.#parts.run.ports.numbers;
  }

  /** Opens what this config newly asks for; throws and opens nothing when that cannot be. */
  open(config: AppConfig): void {
    const wanted = wantedPorts(config, this.numbers);
    if (isDeepStrictEqual(wanted, this.numbers)) return;
    this.#checkProcesses();
    this.#checkFront(wanted);
    this.give(wanted, config);
  }

  /** Also the way back, which cannot fail before `settle`. */
  give(numbers: PortNumbers, config: AppConfig): void {
    const { run } = this.#parts;
    if (isDeepStrictEqual(numbers, this.numbers)) return;
    run.ports.give(numbers);
    run.note(config);
  }

  /** What is open; the process may have been started when that was more. */
  tell(worker: WorkerProcess): void {
    const { ports, inherited } = this.#parts.run;
    const isInherited = inherited.some(({ pid }) => pid === worker.pid);
    const held = isInherited ? ports.heldBefore : portsIn(ports.numbers);
    worker.send({ type: 'ports', held, doors: ports.doors });
  }

  /**
   * Closes what nobody has any more. Those who only hold it let go first: while they did and
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
    const held = portsIn(this.numbers);
    return this.#held().some((one) => !isDeepStrictEqual(one.held ?? held, held));
  }

  #tellAll(): void {
    for (const each of this.#parts.processes()) this.tell(each);
  }

  /** Those of an earlier version know descriptors by their position only, and close none. */
  #checkProcesses(): void {
    const old = this.#held().filter(isOld);
    if (old.length === 0) return;
    const names = old.map(({ workerId }) => spoken(workerId)).join(', ');
    throw refused(
      `Ports cannot be changed while processes of an earlier version run: ${names}`,
      startAgain,
    );
  }

  /** A second ingress needs the sockets of the first one for the ports that stay. */
  #checkFront(wanted: PortNumbers): void {
    const { ports } = this.#parts.run;
    const isSame = wanted.http === this.numbers.http;
    if (ports.isHeld || (isSame && isDeepStrictEqual(wanted.commands, this.numbers.commands))) {
      return;
    }
    const text =
      'The ports of the ingress cannot be changed: only it has them, since a supervisor died';
    throw refused(text, startAgain);
  }

  #held(): readonly Note[] {
    return readNotes(this.#parts.run.directory).filter((one) => !one.isForeign && isAlive(one));
  }
}

const startAgain = 'Stop the app and start it again.';

/** An ingress that does not tell where it listens does so on what it holds. */
const isOld = (note: Note): boolean =>
  note.held === undefined || (isIngress(note) && note.doors === undefined);

/** Any free one stays what it is, and so does what a command has asked for. */
const wantedPorts = ({ httpPort, services }: AppConfig, now: PortNumbers): PortNumbers => {
  const http = httpPort === 0 ? (now.http ?? 0) : httpPort;
  return {
    ...(http === undefined ? {} : { http }),
    services: wantedOf(services.filter(hasEntry), now.services ?? {}),
    commands: wantedOf(services.filter(isCommand), now.commands),
  };
};

const wantedOf = (
  services: readonly ServiceConfig[],
  now: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    services.flatMap(({ name, port }) => {
      const wanted = port === 'asked' || port === 0 ? (now[name] ?? port) : port;
      return typeof wanted === 'number' ? [[name, wanted]] : [];
    }),
  );

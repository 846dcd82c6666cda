import { isCommand } from '../../protocol/topology.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { WorkerWatcher } from '../process/worker-watcher.ts';
import type { HandOver } from '../succession/hand-over.ts';
import type { Run } from '../succession/run.ts';
import { type Crew, isIngress, startIngress } from './crew.ts';
import { OwnPorts } from './own-ports.ts';
import type { Site } from './site.ts';

export type FrontParts = {
  readonly site: Site;
  readonly run: Run;
  readonly crew: Crew;
  readonly watcher: WorkerWatcher;
};

/**
 * The ports of an app, and the ingress that listens on them. The ingress also looks after commands,
 * which can neither start the next supervisor nor end themselves when none comes.
 */
export class Front {
  readonly own: OwnPorts;
  readonly #parts: FrontParts;
  #ingress: WorkerProcess | undefined;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    const { run, crew } = parts;
    const processes = () => [
      ...crew.workers,
      ...(this.#ingress === undefined ? [] : [this.#ingress]),
    ];
    this.own = new OwnPorts({ run, processes });
  }

  get ingress(): WorkerProcess | undefined {
    return this.#ingress;
  }

  get httpPort(): number | undefined {
    return this.#parts.run.ports.numbers.http;
  }

  /** Where clients find a command, or a service that has a port of its own. */
  portOf(name: string): number | undefined {
    return this.#parts.run.ports.portOf(name);
  }

  /** Takes the ingress of this run over, or starts one if there is something for it to do. */
  open(inherited: readonly Note[] = []): void {
    const { site, watcher } = this.#parts;
    const commands = site.config.services.filter(isCommand);
    // It inherits the ports when it starts, so that it waits for one that is still unknown.
    if (commands.some(({ name, port }) => port === 'asked' && this.portOf(name) === undefined)) {
      return;
    }
    if (this.httpPort === undefined && commands.length === 0) return;
    this.#ingress ??= startIngress(site, watcher, inherited.find(isIngress));
  }

  /** The ingress goes by what the config says now; it may have been started under another one. */
  tellSettings(): void {
    this.#ingress?.send({ type: 'http', http: this.#parts.site.config.http });
  }

  /** Listening descriptors, for whoever takes this supervisor's place. */
  handOn(): Pick<HandOver, 'descriptors' | 'mustKnowPorts'> {
    const { ports } = this.#parts.run;
    const descriptors = ports.isHeld ? ports.handed().map(({ descriptor }) => descriptor) : [];
    return { descriptors, mustKnowPorts: this.own.isMixed };
  }

  /** Clients find the command there from now on; resolves when the ingress listens. */
  async openPort(command: string, port: number): Promise<void> {
    this.#parts.run.hold(command, port);
    this.open();
    await this.#parts.crew.until(() => this.#ingress?.isSettled ?? true);
  }

  async close(): Promise<void> {
    this.#ingress?.stop();
    await this.#parts.crew.until(() => (this.#ingress?.status ?? 'stopped') === 'stopped');
  }
}

import { notReady, refused } from '../../protocol/errors.ts';
import { isCommand } from '../../protocol/topology.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { WorkerWatcher } from '../process/worker-watcher.ts';
import type { HandOver } from '../succession/hand-over.ts';
import type { Run } from '../succession/run.ts';
import { AppPorts } from './app-ports.ts';
import { type Crew, isIngress, startIngress } from './crew.ts';
import type { Site } from './site.ts';
import { ingressGroup } from './worker-spec.ts';

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
  readonly ports: AppPorts;
  readonly #parts: FrontParts;
  /** The one that counts first; behind it another that is on its way in or out. */
  #ingresses: readonly WorkerProcess[] = [];
  /** Ingress → where it listens. */
  readonly #listens = new Map<string, readonly number[]>();
  #isClosed = false;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    const { run, crew } = parts;
    this.ports = new AppPorts({ run, processes: () => [...crew.workers, ...this.#ingresses] });
  }

  get ingress(): WorkerProcess | undefined {
    return this.#ingresses[0];
  }

  get ingresses(): readonly WorkerProcess[] {
    return this.#ingresses;
  }

  get httpPort(): number | undefined {
    return this.#parts.run.ports.numbers.http;
  }

  /** Where clients find a command, or a service that has a port of its own. */
  portOf(name: string): number | undefined {
    return this.#parts.run.ports.portOf(name);
  }

  /** Of the app, or of a service that has a port of its own, as clients write it: commands speak in the clear. */
  addressOf(name?: string): string | undefined {
    const { http, services } = this.#parts.site.config;
    const port = name === undefined ? this.httpPort : this.portOf(name);
    const isClear = services.some((service) => service.name === name && isCommand(service));
    const scheme = http.tls === undefined || isClear ? 'http' : 'https';
    return port === undefined ? undefined : `${scheme}://127.0.0.1:${port}`;
  }

  /** Takes the ingress of this run over, or starts one if there is something for it to do. */
  open(inherited: readonly Note[] = []): void {
    const { frontPorts } = this.#parts.run.ports;
    const isRight = ({ doors }: Note): boolean => areSame(doors ?? frontPorts, frontPorts);
    const notes = inherited.filter(isIngress);
    // Its supervisor may have died while one took the place of the other.
    const inOrder = notes.toSorted((a, b) => Number(isRight(b)) - Number(isRight(a)));
    for (const note of inOrder) this.#start(note.workerId, note);
    if (this.#isNeeded && this.ingress === undefined) this.#start(this.#freeId);
  }

  /** The ingress goes by what the config says now; it may have been started under another one. */
  tellSettings(): void {
    this.ingress?.send({ type: 'http', http: this.#parts.site.config.http });
  }

  /** Listening descriptors, for whoever takes this supervisor's place. */
  handOn(): Pick<HandOver, 'descriptors' | 'mustKnowPorts'> {
    const { ports } = this.#parts.run;
    const descriptors = ports.isHeld ? ports.handed().map(({ descriptor }) => descriptor) : [];
    return { descriptors, mustKnowPorts: this.ports.isMixed };
  }

  /** Clients find the command there from now on; resolves when the ingress listens. */
  async openPort(command: string, port: number): Promise<void> {
    this.#parts.run.hold(command, port);
    this.open();
    await this.#parts.crew.until(() => this.ingress?.isSettled ?? true);
  }

  /**
   * An ingress inherits its ports when it starts: for others there is a new one, which listens
   * before the old one leaves. Throws when it does not become ready.
   */
  async renew(): Promise<void> {
    if (!this.#isNeeded || this.#listensRightly) return;
    if (this.#isClosed) throw refused('The app is stopping', 'Start it again with `forge start`.');
    const before = this.#ingresses;
    const { crew } = this.#parts;
    const fresh = this.#start(this.#freeId);
    fresh.isOnTrial = true;
    await crew.until(() => fresh.hasTripped);
    if (fresh.status !== 'ready') {
      await this.#dismiss(fresh);
      throw notReady('The ingress', fresh.lastCrash ?? 'it was stopped');
    }
    fresh.isOnTrial = false;
    this.#ingresses = [fresh, ...before];
  }

  /** Closes the ports that nobody has any more, and sends away who listens there. */
  async settle(everyoneHasHeard: () => Promise<void>): Promise<void> {
    await this.ports.settle(everyoneHasHeard);
    const superfluous = this.#isNeeded ? this.#ingresses.slice(1) : this.#ingresses;
    await Promise.all(superfluous.map((ingress) => this.#dismiss(ingress)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#ingresses.map((ingress) => this.#dismiss(ingress)));
  }

  get #isNeeded(): boolean {
    const commands = this.#parts.site.config.services.filter(isCommand);
    // It inherits the ports when it starts, so that it waits for one that is still unknown.
    if (commands.some(({ name, port }) => port === 'asked' && this.portOf(name) === undefined)) {
      return false;
    }
    return this.httpPort !== undefined || commands.length > 0;
  }

  get #listensRightly(): boolean {
    const { frontPorts } = this.#parts.run.ports;
    return areSame(this.#listens.get(this.ingress?.id ?? '') ?? [], frontPorts);
  }

  get #freeId(): string {
    const taken = this.#ingresses.map(({ id }) => id);
    let number = 1;
    while (taken.includes(`${ingressGroup}#${number}`)) number += 1;
    return `${ingressGroup}#${number}`;
  }

  #start(id: string, note?: Note): WorkerProcess {
    const { site, watcher, run } = this.#parts;
    const listens = (ports: readonly number[]) => this.#listens.set(id, ports);
    if (note !== undefined) listens(note.doors ?? run.ports.frontPorts);
    const ingress = startIngress({ site, watcher, id, listens }, note);
    this.#ingresses = [...this.#ingresses, ingress];
    return ingress;
  }

  async #dismiss(ingress: WorkerProcess): Promise<void> {
    ingress.stop();
    await this.#parts.crew.until(() => ingress.status === 'stopped');
    this.#ingresses = this.#ingresses.filter((one) => one !== ingress);
  }
}

const areSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((port) => b.includes(port));

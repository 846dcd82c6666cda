import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { BoundSocket } from 'node:net';
import type { ActionRequest, Layout } from '../protocol/action.ts';
import type { TimelineEvent } from '../protocol/control/messages.ts';
import { actionConflict, refused } from '../protocol/errors.ts';
import type { WorkerSample } from '../protocol/metrics.ts';
import type { Placement, WorkerStatus } from '../protocol/topology.ts';
import { Crew } from './crew.ts';
import { type Move, planMove, stepsBack, withSteps } from './moves.ts';
import { bindPort } from './process/bind-port.ts';
import { Channel, type Hello, type Link, type Participant } from './process/channel.ts';
import { endLeftovers } from './process/leftovers.ts';
import { prepareEntry } from './process/prepare-entry.ts';
import { WorkerProcess, type WorkerWatcher } from './process/worker-process.ts';
import { Registry } from './registry/registry.ts';
import { type ServiceState, serviceState } from './service-state.ts';
import type { AppConfig } from './topology/app-config.ts';
import { onlyServices, startLevels } from './topology/dependencies.ts';
import { type Overrides, placementsOf } from './topology/placement.ts';
import { claimRunDir } from './topology/run-dir.ts';
import { arrivalEvents, crashEvent } from './worker-events.ts';
import {
  channelPath,
  defaultIngressFile,
  defaultWorkerFile,
  forgeDir,
  ingressSpec,
  type Site,
} from './worker-spec.ts';

export type EngineOptions = {
  readonly runDir: string;
  /** Overrides the config's; without either there is no ingress. 0 takes any free port. */
  readonly httpPort?: number;
  /** Starts these services and what they depend on, instead of all. */
  readonly only?: readonly string[];
  readonly overrides?: Overrides;
  readonly workerFile?: string;
  readonly ingressFile?: string;
};

export type EngineEvents = {
  readonly sample: [workerId: string, sample: WorkerSample];
  readonly event: [TimelineEvent];
  readonly change: [];
};

export type Change = { readonly from: Layout; readonly to: Layout };

/** Runs an app: performs the moves that `planMove` decides and tells how its services are. */
export class Engine extends EventEmitter<EngineEvents> {
  readonly config: AppConfig;
  readonly runDir: string;
  readonly startedAt = new Date();
  readonly #options: EngineOptions;
  readonly #site: Site;
  readonly #crew: Crew;
  readonly #registry: Registry;
  readonly #watcher: WorkerWatcher = {
    changed: (worker, was) => this.#changed(worker, was),
    bound: (worker) => this.#bound(worker),
    sampled: (worker, sample) => this.emit('sample', worker.id, sample),
    crashed: (worker) => this.emit('event', crashEvent(worker)),
  };
  readonly #locks = new Map<string, string>();
  readonly #opened = new Set<string>();
  readonly #entries = new Map<string, string>();
  #placements: readonly Placement[];
  #claim: Disposable | undefined;
  #socket: BoundSocket | undefined;
  #channel: Channel | undefined;
  #ingress: WorkerProcess | undefined;
  #settled: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(config: AppConfig, options: EngineOptions) {
    super();
    this.config = config;
    this.runDir = options.runDir;
    this.#options = options;
    this.#placements = placementsOf(config, options.overrides);
    let incarnations = 0;
    this.#site = {
      config,
      runDir: options.runDir,
      runId: randomUUID(),
      workerFile: options.workerFile ?? defaultWorkerFile,
      ingressFile: options.ingressFile ?? defaultIngressFile,
      entries: this.#entries,
      next: () => {
        incarnations += 1;
        return incarnations;
      },
    };
    this.#crew = new Crew(this.#site, this.#watcher);
    this.#registry = new Registry({
      workers: () => this.#crew.workers,
      listeners: () => (this.#ingress === undefined ? [] : [this.#ingress]),
      groupOf: (service) => this.#placementOf(service)?.group,
      remotes: config.remotes,
    });
  }

  /** Starts the processes; `settled` tells when they are ready. Leaves nothing behind if it throws. */
  static async start(config: AppConfig, options: EngineOptions): Promise<Engine> {
    const engine = new Engine(onlyServices(config, options.only), options);
    try {
      await engine.#open();
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  /** Resolves when every service is ready or failed for the first time. */
  settled(): Promise<void> {
    return this.#settled;
  }

  get httpPort(): number | undefined {
    const address = this.#socket?.address();
    return address !== undefined && 'port' in address ? address.port : undefined;
  }

  get placements(): readonly Placement[] {
    return this.#placements;
  }

  services(): readonly ServiceState[] {
    return this.config.services.flatMap((config) => {
      const placement = this.#placementOf(config.name);
      return placement === undefined ? [] : serviceState(config, placement, this.#crew.workers);
    });
  }

  scale(service: string, workers: number): Promise<Change> {
    return this.apply({ kind: 'scale', service, workers });
  }

  split(service: string): Promise<Change> {
    return this.apply({ kind: 'split', service });
  }

  colocate(service: string, others: readonly string[]): Promise<Change> {
    return this.apply({ kind: 'colocate', service, with: others });
  }

  /** What a request would do now. */
  plan(request: ActionRequest & { readonly workers?: number }): Move {
    return planMove(request, { services: this.config.services, placements: this.#placements });
  }

  /** Performs a request, or throws and leaves the layout as it was. */
  async apply(request: ActionRequest & { readonly workers?: number }): Promise<Change> {
    if (this.#stopped !== undefined) throw refused('The app is stopping', 'Start it again first.');
    const move = this.plan(request);
    const taken = move.touches.find((name) => this.#locks.has(name));
    if (taken !== undefined)
      throw actionConflict(taken, this.#locks.get(taken) ?? 'another action');
    for (const name of move.touches) this.#locks.set(name, `${request.kind} ${request.service}`);
    try {
      await this.#move(move);
    } finally {
      for (const name of move.touches) this.#locks.delete(name);
    }
    return { from: move.from, to: move.to };
  }

  /** Drains and stops everything; after `limitMs` what is left is killed. */
  stop(limitMs?: number): Promise<void> {
    this.#stopped ??= this.#close(limitMs);
    return this.#stopped;
  }

  async #open(): Promise<void> {
    const { config, runDir } = this;
    this.#claim = claimRunDir(runDir, config.app);
    await endLeftovers(runDir);
    for (const service of config.services) {
      this.#entries.set(service.name, await prepareEntry(service, forgeDir(config)));
    }
    const port = this.#options.httpPort ?? config.httpPort;
    if (port !== undefined) this.#socket = bindPort(port);
    this.#channel = await Channel.listen(channelPath(runDir), (hello, link) =>
      this.#admit(hello, link),
    );
    if (this.#socket !== undefined) {
      this.#ingress = new WorkerProcess(ingressSpec(this.#site, this.#socket.fd()), this.#watcher);
      this.#ingress.start();
    }
    for (const { group, services, workers } of this.#placements) {
      for (let count = 0; count < workers; count += 1) this.#crew.hire(group, services);
    }
    this.#settled = this.#startInOrder();
  }

  /** Processes load side by side; `onStart` runs level by level, when every contract is known. */
  async #startInOrder(): Promise<void> {
    const crew = this.#crew;
    await crew.until(() => crew.workers.every((worker) => worker.isBound || worker.hasTripped));
    for (const level of startLevels(this.#placements, this.config.services)) {
      for (const group of level) this.#openGroup(group);
      const members = crew.workers.filter(({ group }) => level.includes(group));
      await crew.until(() => members.every((worker) => worker.isSettled));
    }
    const ingress = this.#ingress;
    if (ingress !== undefined) await crew.until(() => ingress.isSettled);
  }

  #openGroup(group: string): void {
    this.#opened.add(group);
    for (const worker of this.#crew.of(group)) if (worker.isBound) this.#begin(worker);
  }

  #begin(worker: WorkerProcess): void {
    this.#registry.tell(worker);
    worker.begin();
  }

  #admit(hello: Hello, link: Link): Participant | undefined {
    if (hello.runId !== this.#site.runId) return undefined;
    const isIngress = hello.workerId === this.#ingress?.id;
    const worker = isIngress ? this.#ingress : this.#crew.get(hello.workerId);
    if (!worker?.admit(hello, link)) return undefined;
    if (isIngress) this.#registry.tell(worker);
    return worker;
  }

  #bound(worker: WorkerProcess): void {
    this.#registry.changed();
    if (worker === this.#ingress || this.#opened.has(worker.group)) this.#begin(worker);
    this.#crew.changed();
  }

  #changed(worker: WorkerProcess, was: WorkerStatus): void {
    this.#registry.changed();
    for (const event of arrivalEvents(worker, was)) this.emit('event', event);
    this.#crew.changed();
    this.emit('change');
  }

  async #move({ steps }: Move): Promise<void> {
    const before = this.#placements;
    const [first, ...others] = steps;
    if (first === undefined) return;
    try {
      for (const { group } of steps) this.#openGroup(group);
      await this.#crew.converge(first);
      this.#adopt(withSteps(this.#placements, steps));
      for (const step of others) await this.#crew.converge(step);
    } catch (error) {
      await this.#goBack(stepsBack(before, steps), error);
    }
  }

  /** Ends by throwing the error that made it necessary, also when the way back is barred. */
  async #goBack(steps: readonly Placement[], error: unknown): Promise<never> {
    try {
      this.#adopt(withSteps(this.#placements, steps));
      for (const step of steps) await this.#crew.converge(step);
    } catch {
      // The app is stopping, or the old layout fails as well: the first error is the one to tell.
    }
    throw error;
  }

  #adopt(placements: readonly Placement[]): void {
    this.#placements = placements;
    this.#registry.changed();
    this.emit('change');
  }

  #placementOf(service: string): Placement | undefined {
    return this.#placements.find(({ services }) => services.includes(service));
  }

  async #close(limitMs?: number): Promise<void> {
    const limit = limitMs === undefined ? undefined : setTimeout(() => this.#kill(), limitMs);
    const ingress = this.#ingress;
    ingress?.stop();
    if (ingress) await this.#crew.until(() => ingress.status === 'stopped');
    await this.#crew.close(startLevels(this.#placements, this.config.services).toReversed());
    clearTimeout(limit);
    this.#registry.close();
    await this.#channel?.[Symbol.asyncDispose]();
    this.#socket?.close();
    this.#claim?.[Symbol.dispose]();
  }

  #kill(): void {
    this.#ingress?.kill();
    this.#crew.kill();
  }
}

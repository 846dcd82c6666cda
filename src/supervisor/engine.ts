import { EventEmitter } from 'node:events';
import type { TimelineEvent } from '../protocol/control/messages.ts';
import { refused } from '../protocol/errors.ts';
import type { WorkerSample } from '../protocol/metrics.ts';
import type { Placement, WorkerStatus } from '../protocol/topology.ts';
import { runFiles } from '../protocol/worker/succession.ts';
import { Crew, isIngress, startIngress } from './crew.ts';
import { type Change, Mover, type Request } from './mover.ts';
import type { Move } from './moves.ts';
import { Channel, type Hello, type Link, type Participant } from './process/channel.ts';
import type { WorkerProcess, WorkerWatcher } from './process/worker-process.ts';
import { Registry } from './registry/registry.ts';
import { Releases } from './release/releases.ts';
import { type ServiceState, serviceState } from './service-state.ts';
import { type ProcessFiles, type Site, siteOf } from './site.ts';
import type { Note } from './succession/notes.ts';
import { openRun, type Run } from './succession/run.ts';
import type { RunState } from './succession/run-state.ts';
import type { AppConfig } from './topology/app-config.ts';
import { onlyServices, startLevels } from './topology/dependencies.ts';
import { type Overrides, placementsOf } from './topology/placement.ts';
import { arrivalEvents, crashEvent } from './worker-events.ts';

export type EngineOptions = ProcessFiles & {
  readonly runDir: string;
  /** Overrides the config's; without either there is no ingress. 0 takes any free port. */
  readonly httpPort?: number;
  /** Starts these services and what they depend on, instead of all. */
  readonly only?: readonly string[];
  readonly overrides?: Overrides;
  /** The run to go on with, whose supervisor is gone. */
  readonly state?: RunState;
};

export type EngineEvents = {
  readonly sample: [workerId: string, sample: WorkerSample];
  readonly event: [TimelineEvent];
  readonly change: [];
  /** A reload of this group was taken back, and why. */
  readonly rollback: [group: string, why: string];
};

/** A worker that is blocked when its supervisor dies may be late; the others must not wait for it. */
const adoptionLimitMs = 3_000;

/** Runs an app: performs the moves that `planMove` decides and tells how its services are. */
export class Engine extends EventEmitter<EngineEvents> {
  readonly config: AppConfig;
  readonly runDir: string;
  readonly startedAt = new Date();
  readonly #releases: Releases;
  readonly #mover: Mover;
  readonly #site: Site;
  readonly #crew: Crew;
  readonly #registry: Registry;
  readonly #watcher: WorkerWatcher = {
    changed: (worker, was) => this.#changed(worker, was),
    bound: (worker) => this.#bound(worker),
    sampled: (worker, sample) => {
      this.#releases.sampled(worker, sample);
      this.emit('sample', worker.id, sample);
    },
    crashed: (worker) => {
      this.emit('event', crashEvent(worker));
      this.#releases.crashed(worker);
    },
  };
  readonly #opened = new Set<string>();
  readonly #run: Run;
  #channel: Channel | undefined;
  #ingress: WorkerProcess | undefined;
  #settled: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(config: AppConfig, run: Run, options: EngineOptions) {
    super();
    this.config = config;
    this.runDir = options.runDir;
    this.#run = run;
    this.#site = siteOf(config, run, options);
    this.#crew = new Crew(this.#site, this.#watcher);
    this.#releases = new Releases({
      crew: this.#crew,
      prepare: (services) => run.prepare(services),
      bakeMs: config.reload.bakeMs,
      rolledBack: (group, why) => this.emit('rollback', group, why),
    });
    this.#mover = new Mover({
      config,
      crew: this.#crew,
      releases: this.#releases,
      placements: placementsOf(config, options.overrides),
      openGroup: (group) => this.#openGroup(group),
      changed: () => {
        this.#registry.changed();
        this.emit('change');
      },
    });
    this.#registry = new Registry({
      workers: () => this.#crew.workers,
      listeners: () => (this.#ingress === undefined ? [] : [this.#ingress]),
      groupOf: (service) => this.#mover.placementOf(service)?.group,
      remotes: config.remotes,
    });
  }

  /** Starts the processes; `settled` tells when they are ready. Leaves nothing behind if it throws. */
  static async start(config: AppConfig, options: EngineOptions): Promise<Engine> {
    const chosen = onlyServices(config, options.only);
    const run = await openRun({
      config: chosen,
      directory: options.runDir,
      httpPort: options.httpPort ?? config.httpPort,
      ...(options.state === undefined ? {} : { state: options.state }),
    });
    const engine = new Engine(chosen, run, options);
    try {
      await engine.#open(run.inherited);
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
    return this.#run.port?.port;
  }

  /** Workers that an earlier supervisor started. */
  get adoptedWorkers(): number {
    return this.#run.inherited.length;
  }

  get placements(): readonly Placement[] {
    return this.#mover.placements;
  }

  services(): readonly ServiceState[] {
    return this.config.services.flatMap((config) => {
      const placement = this.#mover.placementOf(config.name);
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
  plan(request: Request): Move {
    return this.#mover.plan(request);
  }

  /** Performs a request, or throws and leaves the layout as it was. */
  async apply(request: Request): Promise<Change> {
    if (this.#stopped !== undefined) throw refused('The app is stopping', 'Start it again first.');
    return this.#mover.apply(request);
  }

  /** Listening descriptors, for whoever takes this supervisor's place. */
  get descriptors(): readonly number[] {
    return this.#site.descriptors;
  }

  /** Drains and stops everything; after `limitMs` what is left is killed. */
  stop(limitMs?: number): Promise<void> {
    this.#stopped ??= this.#close(limitMs);
    return this.#stopped;
  }

  /** Lets go of everything without ending it: the next supervisor has been started, and waits. */
  handOver(): Promise<void> {
    this.#stopped ??= this.#letGo();
    return this.#stopped;
  }

  async #letGo(): Promise<void> {
    this.#releases.close();
    this.#registry.close();
    await this.#channel?.[Symbol.asyncDispose]();
    this.#run.leave();
  }

  async #open(inherited: readonly Note[]): Promise<void> {
    const path = runFiles.channel(this.runDir);
    if (inherited.length > 0) this.#registry.hold();
    this.#channel = await Channel.listen(path, (hello, link) => this.#admit(hello, link));
    if (this.#run.port !== undefined) {
      this.#ingress = startIngress(this.#site, this.#watcher, inherited.find(isIngress));
    }
    for (const note of inherited) if (!isIngress(note)) this.#crew.adopt(note);
    if (inherited.length > 0) {
      this.#settled = this.#goOn();
      return;
    }
    for (const { group, services, workers } of this.placements) {
      for (let count = 0; count < workers; count += 1) this.#crew.hire(group, services);
    }
    this.#settled = this.#startInOrder();
  }

  /** Nothing is routed anew before the workers taken over have told what they are. */
  async #goOn(): Promise<void> {
    const crew = this.#crew;
    const taken = [...crew.workers, ...(this.#ingress === undefined ? [] : [this.#ingress])];
    for (const { group } of this.placements) this.#opened.add(group);
    await crew.until(() => taken.every((worker) => worker.isSettled), adoptionLimitMs);
    this.#registry.release();
    for (const level of startLevels(this.placements, this.config.services)) {
      const targets = this.placements.filter(({ group }) => level.includes(group));
      await Promise.allSettled(targets.map((target) => crew.converge(target)));
    }
    const planned = new Set(this.placements.map(({ group }) => group));
    const strays = crew.workers.filter(({ group }) => !planned.has(group));
    await Promise.all(strays.map((worker) => crew.dismiss(worker)));
  }

  /** Processes load side by side; `onStart` runs level by level, when every contract is known. */
  async #startInOrder(): Promise<void> {
    const crew = this.#crew;
    await crew.until(() => crew.workers.every((worker) => worker.isBound || worker.hasTripped));
    for (const level of startLevels(this.placements, this.config.services)) {
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

  async #close(limitMs?: number): Promise<void> {
    this.#run.end();
    const limit = limitMs === undefined ? undefined : setTimeout(() => this.#kill(), limitMs);
    this.#releases.close();
    const ingress = this.#ingress;
    ingress?.stop();
    if (ingress) await this.#crew.until(() => ingress.status === 'stopped');
    await this.#crew.close(startLevels(this.placements, this.config.services).toReversed());
    clearTimeout(limit);
    await this.#letGo();
  }

  #kill(): void {
    this.#ingress?.kill();
    this.#crew.kill();
  }
}

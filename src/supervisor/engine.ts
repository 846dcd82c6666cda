import { EventEmitter } from 'node:events';
import type { TimelineEvent } from '../protocol/control/messages.ts';
import { refused } from '../protocol/errors.ts';
import type { WorkerSample } from '../protocol/metrics.ts';
import type { Placement, WorkerStatus } from '../protocol/topology.ts';
import type { Note } from '../protocol/worker/process-note.ts';
import { runFiles } from '../protocol/worker/succession.ts';
import { type Change, Mover } from './actions/mover.ts';
import type { Move, Request } from './actions/moves.ts';
import { Care } from './care/care.ts';
import type { AppConfig } from './config/app-config.ts';
import { askedConfig } from './config/asked-config.ts';
import { Crew, isIngress } from './crew/crew.ts';
import { Front } from './crew/front.ts';
import { type ServiceState, statesOf } from './crew/service-state.ts';
import { type ProcessFiles, type Site, siteOf } from './crew/site.ts';
import { Startup } from './crew/startup.ts';
import { type Asked, askSlowest } from './metrics/slowest.ts';
import { Channel, type Hello, type Link, type Participant } from './process/channel.ts';
import type { WorkerProcess } from './process/worker-process.ts';
import type { WorkerWatcher } from './process/worker-watcher.ts';
import { Registry } from './registry/registry.ts';
import { Releases } from './release/releases.ts';
import { openRun, type Run, type RunOptions, withNewEntry } from './succession/run.ts';
import { startLevels } from './topology/dependencies.ts';
import { type Overrides, placementsOf, stoppedOf } from './topology/placement.ts';
import { arrivalEvents, crashEvent, denialEvent, overdueEvent } from './watch/worker-events.ts';

type FromRun = Pick<RunOptions, 'state' | 'handedOn' | 'waiting'>;

export type EngineOptions = ProcessFiles &
  FromRun & {
    readonly runDir: string;
    /** Overrides the config's; without either there is no ingress. 0 takes any free port. */
    readonly httpPort?: number;
    /** Starts these services and what they depend on, instead of all. */
    readonly only?: readonly string[];
    readonly overrides?: Overrides;
    /** `settled` rejects when a service does not get through its first start. */
    readonly isStrict?: boolean;
  };

export type EngineEvents = {
  readonly sample: [workerId: string, sample: WorkerSample];
  readonly event: [TimelineEvent];
  readonly change: [];
  /** A command whose port is unknown asked for this one; `front.openPort` gives it. */
  readonly asked: [command: string, port: number];
  /** A reload of this group was taken back, and why. */
  readonly rollback: [group: string, why: string];
};

/** Runs an app: performs the moves that `planMove` decides and tells how its services are. */
export class Engine extends EventEmitter<EngineEvents> {
  readonly runDir: string;
  readonly front: Front;
  readonly startedAt = new Date();
  readonly releases: Releases;
  readonly #startup: Startup;
  readonly #mover: Mover;
  readonly #care: Care;
  readonly #site: Site;
  readonly #crew: Crew;
  readonly registry: Registry;
  readonly #watcher: WorkerWatcher = {
    held: (worker, held) => this.#care.held(worker, held),
    changed: (worker, was) => this.#changed(worker, was),
    bound: (worker) => this.#bound(worker),
    routed: () => this.registry.taken(),
    sampled: (worker, sample) => {
      this.releases.sampled(worker, sample);
      this.#care.sampled(worker, sample);
      this.emit('sample', worker.id, sample);
    },
    crashed: (worker) => {
      const isSpare = worker.isOnTrial || this.releases.isBaking(worker);
      this.emit('event', crashEvent(worker, isSpare));
      this.releases.crashed(worker);
    },
    denied: (worker) => this.emit('event', denialEvent(worker)),
    overdue: (worker) => this.emit('event', overdueEvent(worker)),
    asked: ({ services: [name = ''] }, port) => {
      if (this.front.portOf(name) === undefined) this.emit('asked', name, port);
    },
    observed: (message, ingress) => this.#crew.get(message.workerId)?.observe(message, ingress),
  };
  readonly #run: Run;
  #channel: Channel | undefined;
  #settled: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(config: AppConfig, run: Run, options: EngineOptions) {
    super();
    this.runDir = options.runDir;
    this.#run = run;
    this.#site = siteOf(config, run, options);
    this.#crew = new Crew(this.#site, this.#watcher);
    this.front = new Front({ site: this.#site, run, crew: this.#crew, watcher: this.#watcher });
    this.releases = new Releases({
      crew: this.#crew,
      prepare: (services) => run.prepare(this.config, services),
      bakeMs: config.reload.bakeMs,
      rolledBack: (group, why) => this.emit('rollback', group, why),
    });
    this.#mover = new Mover({
      site: this.#site,
      crew: this.#crew,
      releases: this.releases,
      front: this.front,
      placements: placementsOf(config, options.overrides),
      stopped: stoppedOf(config, options.overrides),
      contractOf: (service) => this.registry.table.services[service]?.contract,
      startup: () => this.#startup,
      changed: () => {
        this.registry.changed();
        this.emit('change');
      },
      told: () => this.registry.told(),
    });
    this.#care = new Care({
      runDir: this.runDir,
      crew: this.#crew,
      config: () => this.config,
      onEvent: (event) => this.emit('event', event),
    });
    this.registry = new Registry({
      workers: () => this.#crew.workers,
      listeners: () => this.front.ingresses,
      groupOf: (service) => this.#mover.placementOf(service)?.group,
      stopped: () => this.#mover.stopped,
      config: () => this.config,
    });
    this.#startup = new Startup({
      site: this.#site,
      crew: this.#crew,
      registry: this.registry,
      placements: () => this.placements,
      isStrict: options.isStrict ?? false,
    });
  }

  /** Starts the processes; `settled` tells when they are ready. Leaves nothing behind if it throws. */
  static async start(config: AppConfig, options: EngineOptions): Promise<Engine> {
    const { only, httpPort } = options;
    const chosen = askedConfig(config, {
      ...(only === undefined ? {} : { only }),
      ...(httpPort === undefined ? {} : { httpAsked: httpPort }),
    });
    const run = await openRun({ ...options, config: chosen, directory: options.runDir });
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

  /** The config that runs. */
  get config(): AppConfig {
    return this.#site.config;
  }

  /** Workers that an earlier supervisor started. */
  get problem(): string | undefined {
    return this.#care.problem;
  }

  get adoptedWorkers(): number {
    return this.#run.inherited.length;
  }

  get damage(): readonly string[] {
    return this.#run.damage;
  }

  get placements(): readonly Placement[] {
    return this.#mover.placements;
  }

  /** What operators changed against the config. */
  get overrides(): Overrides {
    return this.#mover.overrides;
  }

  services(): readonly ServiceState[] {
    return statesOf(this.config.services, this.#mover, this.#crew.workers);
  }

  /** The slowest calls of a service in the last minute, as its workers tell when they are asked. */
  slowest(service: string): Promise<Asked> {
    return askSlowest(service, this.#crew.workers);
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

  /** Goes over to another config, or throws and goes on with the one that runs. */
  async reconfigure(config: AppConfig): Promise<void> {
    const before = this.config;
    const names = withNewEntry(before, config);
    try {
      await this.#run.prepare(config, names);
      await this.#mover.reconfigure(config);
      this.front.tellSettings();
    } finally {
      await this.#run.prepare(this.config, this.config === before ? names : []);
    }
  }

  /** Drains and stops everything; after `limitMs` what is left is killed. */
  stop(limitMs?: number): Promise<void> {
    this.#stopped ??= this.#close(limitMs);
    return this.#stopped;
  }

  /** Ends every process at once, what it is doing included. */
  kill(): void {
    for (const process of [...this.front.ingresses, ...this.#crew.workers]) process.kill();
  }

  /** Lets go of everything without ending it: the next supervisor has been started, and waits. */
  handOver(): Promise<void> {
    this.#stopped ??= this.#letGo();
    return this.#stopped;
  }

  async #letGo(): Promise<void> {
    this.#care[Symbol.dispose]();
    this.releases.close();
    this.registry.close();
    await this.#channel?.[Symbol.asyncDispose]();
    this.#run.leave();
  }

  async #open(inherited: readonly Note[]): Promise<void> {
    const path = runFiles.channel(this.runDir);
    this.registry.hold();
    this.#channel = await Channel.listen(path, (hello, link) => this.#admit(hello, link));
    this.front.open(inherited);
    for (const note of inherited) if (!isIngress(note)) this.#crew.adopt(note);
    const begin = inherited.length > 0 ? 'goOn' : 'start';
    this.#settled = this.#startup[begin](this.front);
  }

  #admit(hello: Hello, link: Link): Participant | undefined {
    if (hello.runId !== this.#site.runId) return undefined;
    const ingress = this.front.ingresses.find(({ id }) => id === hello.workerId);
    const worker = ingress ?? this.#crew.get(hello.workerId);
    const participant = worker?.admit(hello, link) ?? this.#crew.strays.end(hello, this.#settled);
    if (ingress !== undefined && participant === ingress) this.registry.tell(ingress);
    return participant;
  }

  #bound(worker: WorkerProcess): void {
    this.registry.changed(worker);
    this.front.ports.tell(worker);
    if (isIngress(worker)) {
      this.front.tellSettings();
      this.#startup.begin(worker);
    } else this.#startup.bound(worker);
    this.#crew.changed(worker);
  }

  #changed(worker: WorkerProcess, was: WorkerStatus): void {
    this.registry.changed(worker);
    if (worker.status === 'draining' && was !== 'draining') {
      this.registry.whenTaken(() => worker.announced());
    }
    for (const event of arrivalEvents(worker, was)) this.emit('event', event);
    this.#crew.changed(worker);
    this.emit('change');
  }

  async #close(limitMs?: number): Promise<void> {
    this.#run.end();
    const limit = limitMs === undefined ? undefined : setTimeout(() => this.kill(), limitMs);
    this.releases.close();
    await this.front.close();
    await this.#crew.close(startLevels(this.placements, this.config.services).toReversed());
    clearTimeout(limit);
    await this.#letGo();
  }
}

import { setMaxListeners } from 'node:events';
import { setSourceMapsSupport } from 'node:module';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isBundle } from '../../protocol/app-files.ts';
import {
  type Assignment,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import { Channel } from '../channel/channel.ts';
import { logOf } from '../channel/log.ts';
import { endOrphan } from '../channel/orphan.ts';
import type { ServiceClass } from '../contract.ts';
import type { Edge } from '../edge/edge.ts';
import { findTracing } from '../interceptors/tracing.ts';
import { Credential } from '../rpc/identity/credential.ts';
import { Speakers } from '../rpc/identity/speakers.ts';
import { Pace } from '../rpc/meters/pace.ts';
import { ProcessMeter } from '../rpc/meters/process-meter.ts';
import type { RpcServer } from '../rpc/server.ts';
import { accounting } from './accounting.ts';
import { answerCalls } from './answer-calls.ts';
import { HealthProbe } from './health-probe.ts';
import { Hooks } from './hooks.ts';
import { contractsOf, host, type Lodging } from './host.ts';
import type { Hosted } from './hosted.ts';
import { RawRoutes } from './raw-routes.ts';
import { Rest } from './rest.ts';
import { failuresOf, startServices, stopServices } from './service-hooks.ts';
import { meterContinuations } from './slices.ts';
import { Switchboard } from './switchboard.ts';
import { Watchdog } from './watchdog.ts';

/** Peers answer a goaway at once; one that is held up must not hold up the others. */
const dismissMs = 200;
/** Without a supervisor nobody else keeps the time. */
const ownDrainMs = 2_000;

type Ends = {
  readonly rpc: RpcServer;
  readonly speakers: Speakers;
  readonly services: Map<string, Hosted>;
};

/** The worker process: loads its services, wires them, and does what the supervisor says. */
export class Worker {
  readonly #assignment: Assignment;
  readonly #hosted: Map<string, Hosted>;
  readonly #hooks: Hooks;
  readonly #switchboard: Switchboard;
  readonly #rawRoutes: RawRoutes;
  readonly #process = new ProcessMeter();
  readonly #rpc: RpcServer;
  readonly #speakers: Speakers;
  readonly #credential: Credential;
  readonly #draining = new AbortController();
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #channel: Channel | undefined;
  #health: HealthProbe | undefined;
  #edge: Edge | undefined;
  #watchdog: Watchdog | undefined;
  readonly #sampling = new Pace(() => this.#sendSample());
  readonly #rest = new Rest();
  #started = false;

  static async run(assignment: Assignment): Promise<Worker> {
    meterContinuations();
    const services = new Map<string, Hosted>();
    const speakers = new Speakers(assignment.rpcPath);
    const rpc = await answerCalls(assignment.rpcPath, services, speakers);
    const worker = new Worker(assignment, { rpc, speakers, services });
    await worker.#load();
    worker.#dial();
    return worker;
  }

  private constructor(assignment: Assignment, { rpc, speakers, services }: Ends) {
    this.#hosted = services;
    this.#hooks = new Hooks(services, () => this.#rawRoutes.sendAway());
    this.#speakers = speakers;
    this.#credential = new Credential(assignment.workerId);
    this.#assignment = assignment;
    this.#rpc = rpc;
    // A service may listen once for each stream that it has open.
    setMaxListeners(0, this.#draining.signal);
    const { workerId, requestTimeoutMs, rpcPath: own } = assignment;
    this.#switchboard = new Switchboard({
      workerId,
      hosted: this.#hosted,
      requestTimeoutMs,
      own,
      introduce: (path) => this.#credential.introduction(path),
    });
    this.#rawRoutes = new RawRoutes(accounting(this.#hosted, requestTimeoutMs));
  }

  stop(reason: string): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    await this.#shut(reason);
    process.exitCode = 0;
    // Timers and sockets that a service left open must not keep a stopped worker alive.
    process.exit();
  }

  async #endOrphan(): Promise<void> {
    const leave = async (): Promise<void> => {
      await Promise.race([this.#drain(), setTimeout(ownDrainMs)]);
      await this.#shut('no supervisor');
    };
    await endOrphan({ ...this.#assignment, leave });
  }

  async #shut(reason: string): Promise<void> {
    this.#sampling.stop();
    this.#health?.close();
    await this.#rawRoutes.close();
    await this.#edge?.end();
    await stopServices(this.#hosted.values(), reason);
    // What it did since the last one counts too.
    this.#sendSample();
    await this.#channel?.close();
    this.#switchboard.close();
    await this.#rpc.close();
  }

  async #load(): Promise<void> {
    const { services, httpPath } = this.#assignment;
    // One after the other: CommonJS cannot require what an import beside it is just loading.
    for (const { entry, ...lodging } of services) {
      // What is thrown in a bundle names the line of the source; other workers need not look it up.
      if (isBundle(entry)) setSourceMapsSupport(true);
      const module: { readonly default?: unknown } = await import(pathToFileURL(entry).href);
      await this.#host(lodging, module.default);
    }
    await findTracing();
    await this.#rawRoutes.listen(httpPath);
    await this.#makeEdge();
  }

  async #makeEdge(): Promise<void> {
    const { doors, workerId, requestTimeoutMs } = this.#assignment;
    if (doors === undefined) return;
    const edge = await import('../edge/edge.ts');
    const house = { workerId, requestTimeoutMs, hosted: this.#hosted, rawRoutes: this.#rawRoutes };
    this.#edge = new edge.Edge(doors, house);
  }

  async #host(lodging: Omit<Lodging, 'type'>, type: unknown): Promise<void> {
    if (typeof type !== 'function') {
      throw new Error(`The module of ${lodging.name} has no class as its default export`);
    }
    // Whether it is a service shows when it is used; `contractOf` checks what it declares.
    await host(
      { ...lodging, type: type as ServiceClass },
      {
        workerId: this.#assignment.workerId,
        hosted: this.#hosted,
        switchboard: this.#switchboard,
        draining: this.#draining.signal,
        logOf: (service) => logOf(service, this.#assignment.workerId),
        routerFor: (service) => this.#rawRoutes.routerFor(service),
      },
    );
  }

  #dial(): void {
    const { runDir, orphanGraceMs, held, services } = this.#assignment;
    const connects = services.flatMap((service) => service.connects);
    this.#channel = new Channel({
      runDir,
      orphanGraceMs,
      held,
      hello: { type: 'hello', ...this.#who, key: this.#credential.publicKey, connects },
      onMessage: (message) => this.#receive(message),
      onConnect: () => this.#announce(),
      onOrphaned: () => void this.#endOrphan(),
    });
    this.#sampling.every(this.#assignment.sampleEveryMs);
  }

  get #who() {
    const { runId, workerId } = this.#assignment;
    return { version: workerProtocolVersion, runId, workerId, pid: process.pid };
  }

  #sendSample(): void {
    const meters = [...this.#hosted.values()].map(({ meter }) => meter);
    const sample = { ...this.#process.take(meters), ...this.#switchboard.sampled() };
    const word = this.#rest.wordFor(sample, this.#watchdog?.isThere ?? false);
    if (word !== undefined) this.#channel?.send(word);
    this.#watchdog?.sampled(sample);
  }

  /** After a redial too: a new supervisor learns here what this worker is. */
  #announce(): void {
    this.#rest.begin();
    const contracts = contractsOf(this.#hosted.values(), this.#rawRoutes);
    this.#channel?.send({ type: 'bound', contracts });
    if (this.#started) this.#sayReady();
    this.#sayHealth();
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'routes':
        for (const each of [this.#speakers, this.#switchboard, this.#edge, this.#hooks]) {
          each?.update(message.table);
        }
        this.#channel?.send({ type: 'routed', generation: message.table.generation });
        return;
      case 'start':
        if (!this.#started) void this.#start(message.isLate ?? false);
        return;
      case 'settled':
        this.#watchdog?.begin();
        return;
      case 'drain':
        void this.#drain().then(() => this.#channel?.send({ type: 'drained' }));
        return;
      case 'ports':
        this.#edge?.keep(message.doors);
        return;
      case 'pace':
        this.#sampling.every(message.sampleEveryMs);
        return;
      case 'rest':
        this.#rest.allow(message.forMs);
        return;
      case 'slowest': {
        const calls = this.#hosted.get(message.service)?.meter.slow.list() ?? [];
        this.#channel?.send({ type: 'slowest', id: message.id, calls });
        return;
      }
      case 'stop':
        void this.stop(message.reason);
        return;
      case 'http': // Its ports get them with the next workers.
    }
  }

  async #start(isLate: boolean): Promise<void> {
    await startServices(this.#hosted.values());
    this.#health = new HealthProbe(this.#hosted.values(), () => this.#sayHealth());
    await this.#health.passed();
    await this.#edge?.open();
    this.#started = true;
    this.#sayReady();
    this.#health.watch();
    const { runDir, blockedAfterMs } = this.#assignment;
    const hello = { type: 'watch', ...this.#who } as const;
    this.#watchdog = new Watchdog({ runDir, hello, blockedAfterMs }, isLate);
    this.#process.watchLoop();
  }

  #sayHealth(): void {
    this.#channel?.send({ type: 'health', unhealthy: this.#health?.unhealthy ?? {} });
  }

  #sayReady(): void {
    this.#channel?.send({
      type: 'ready',
      contracts: contractsOf(this.#hosted.values(), this.#rawRoutes),
      failed: failuresOf(this.#hosted.values()),
      ...(this.#drained !== undefined && { draining: true }),
    });
  }

  #drain(): Promise<void> {
    this.#drained ??= this.#sayGoodbye();
    return this.#drained;
  }

  /** What was sent before everyone knew is taken first: then nothing new comes. */
  async #sayGoodbye(): Promise<void> {
    const dismissed = Promise.race([this.#rpc.dismiss(), setTimeout(dismissMs)]);
    await Promise.all([dismissed, this.#edge?.leave()]);
    // A connection that waits to be accepted takes a turn of the loop, and its request another.
    await setImmediate();
    await setImmediate();
    this.#draining.abort();
    this.#rawRoutes.drain();
    await Promise.all([this.#rpc.drained(), this.#rawRoutes.drained(), this.#edge?.left()]);
  }
}

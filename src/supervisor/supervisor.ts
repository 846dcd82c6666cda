import { basename, join } from 'node:path';
import { refused } from '../protocol/errors.ts';
import type { Status } from '../protocol/metrics.ts';
import { runFiles } from '../protocol/worker/succession.ts';
import { Actions } from './actions.ts';
import { Advisory } from './advisory.ts';
import { allocationEvents } from './allocator.ts';
import { type ControlServer, serveControl } from './control/server.ts';
import { DevLoop } from './dev/dev-loop.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { Journal } from './journal.ts';
import { Observer } from './observer.ts';
import { operations } from './operations.ts';
import { keepHeapSmall } from './small-heap.ts';
import { startNext } from './succession/hand-over.ts';
import { loadRunState } from './succession/run-state.ts';
import { Timeline } from './timeline.ts';
import type { AppConfig } from './topology/app-config.ts';
import { onlyServices } from './topology/dependencies.ts';
import { fixedChange } from './topology/fixed-change.ts';
import { loadConfig } from './topology/load-config.ts';
import { overridesOf } from './topology/placement.ts';
import { runDirOf } from './topology/run-dir.ts';
import { serverConfig } from './topology/server-config.ts';

export type SupervisorOptions = {
  readonly configFile: string;
  /** Overrides the config's; 0 takes any free port. */
  readonly httpPort?: number;
  readonly only?: readonly string[];
  /** One line for each thing that happens. */
  readonly onEvent?: (text: string) => void;
};

const defaultStopMs = 30_000;
const startAgain = 'Start the app with `forge start`.';

/** Puts the parts together: engine, observer, advisor, journal and control socket. */
export class Supervisor {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #observer: Observer;
  readonly #closed = Promise.withResolvers<void>();
  #control: ControlServer | undefined;
  #stopping: Promise<void> | undefined;

  /** Resolves when every service is ready or failed. */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const config = await loadConfig({ file: options.configFile });
    const { directory } = config;
    return Supervisor.#run(config, options, {
      runDir: runDirOf({ app: basename(directory), directory }),
      ...(options.httpPort === undefined ? {} : { httpPort: options.httpPort }),
      ...(options.only === undefined ? {} : { only: options.only }),
    });
  }

  /** Runs one existing server, without a config; rejects when it does not come to serve. */
  static async startServer(
    path: string,
    options: Pick<SupervisorOptions, 'httpPort' | 'onEvent'>,
  ): Promise<Supervisor> {
    const config = serverConfig(path, options.httpPort);
    const { directory } = config;
    const runDir = runDirOf({ app: basename(directory), directory });
    return Supervisor.#run(config, options, { runDir, isStrict: true });
  }

  /** Takes over a run whose supervisor is gone; its workers have gone on serving. */
  static async succeed(runDir: string): Promise<Supervisor> {
    const state = loadRunState(runDir);
    if (state === undefined) throw refused(`There is no run to take over in ${runDir}`, startAgain);
    return Supervisor.#run(state.config, {}, { runDir, state });
  }

  static async #run(
    config: AppConfig,
    { onEvent }: Pick<SupervisorOptions, 'onEvent'>,
    options: EngineOptions,
  ): Promise<Supervisor> {
    keepHeapSmall();
    const journal = new Journal(join(config.directory, '.forge', 'state.db'));
    const engine = await Engine.start(config, { ...options, overrides: journal.overrides() });
    const supervisor = new Supervisor(engine, journal, onEvent);
    await supervisor.#open();
    return supervisor;
  }

  private constructor(
    engine: Engine,
    journal: Journal,
    onEvent: ((text: string) => void) | undefined,
  ) {
    this.#engine = engine;
    this.#journal = journal;
    const timeline = new Timeline();
    if (onEvent) engine.on('event', ({ service, text }) => onEvent(`${service}: ${text}`));
    const actions = new Actions(engine, journal);
    const advisory = new Advisory({
      config: () => engine.config.advisor,
      onEvent: (event) => timeline.add(event),
      onVerified: (id, verification) => this.#observer.verified(id, verification),
    });
    this.#observer = new Observer({ engine, actions, advisory, timeline });
    this.#parts = { engine, actions, advisory, observer: this.#observer };
    engine.on('rollback', (group, why) => {
      const action = actions.tookBack(group, why);
      if (action !== undefined) this.#observer.actionEnded(action);
    });
  }

  readonly #parts: {
    readonly engine: Engine;
    readonly actions: Actions;
    readonly advisory: Advisory;
    readonly observer: Observer;
  };

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get httpAddress(): string | undefined {
    const { httpPort } = this.#engine.front;
    return httpPort === undefined ? undefined : `http://127.0.0.1:${httpPort}`;
  }

  status(): Status {
    return this.#observer.status();
  }

  /** Drains and ends everything; the same promise for everyone who asks. */
  stop(limitMs: number = defaultStopMs): Promise<void> {
    this.#stopping ??= this.#finish(() => this.#engine.stop(limitMs));
    return this.#stopping;
  }

  /** Goes over to what the config file says now, if there is one. */
  async reconfigure(): Promise<void> {
    const { config } = this.#engine;
    if (config.isServer) return;
    const next = onlyServices(await loadConfig({ file: config.file }), config.only);
    const fixed = fixedChange(config, next);
    if (fixed !== undefined) {
      throw refused(
        `${config.file} changes ${fixed}, which a reload cannot`,
        'Stop the app and start it again.',
      );
    }
    await this.#engine.reconfigure(next);
    this.#journal.saveOverrides(overridesOf(this.#engine.config, this.#engine.placements));
  }

  /** Replaces each service when its files change, without watching it for long first. */
  watchFiles(say: (text: string) => void): Promise<Disposable> {
    const engine = this.#engine;
    return DevLoop.start({
      config: engine.config,
      say,
      groupOf: (service) =>
        engine.placements.find(({ services }) => services.includes(service))?.group,
      reload: async (service) => {
        await engine.apply({ kind: 'reload', service });
        await engine.settleReload(service);
      },
    });
  }

  /** Gives the running app to a supervisor of another installation; answers that one's pid. */
  async upgrade(entry: string): Promise<number> {
    const { runDir, config, descriptors } = this.#engine;
    const logFile = join(config.directory, '.forge', 'logs', 'supervisor.log');
    const pid = await startNext({ entry, runDir, cwd: config.directory, logFile, descriptors });
    this.#stopping ??= this.#finish(() => this.#engine.handOver());
    return pid;
  }

  async #open(): Promise<void> {
    const { config, runDir } = this.#engine;
    const ready = readiness(this.#engine);
    this.#control = await serveControl({
      socketPath: runFiles.control(runDir),
      app: config.app,
      backend: operations({
        ...this.#parts,
        stop: (timeoutMs) => void this.stop(timeoutMs),
        upgrade: (entry) => this.upgrade(entry),
        reconfigure: () => this.reconfigure(),
      }),
    });
    try {
      await ready;
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const event of allocationEvents(this.#observer.allocation())) {
      this.#engine.emit('event', event);
    }
  }

  async #finish(end: () => Promise<void>): Promise<void> {
    this.#observer[Symbol.dispose]();
    await end();
    await this.#control?.close();
    this.#journal[Symbol.dispose]();
    this.#closed.resolve();
  }
}

/** Resolves when every service is ready or failed, and every port that one asked for is open. */
const readiness = (engine: Engine): Promise<void> => {
  const opened: Promise<void>[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    engine.on('asked', (command, port) => {
      const opening = engine.front.openPort(command, port);
      opening.catch(reject);
      opened.push(opening);
    });
    engine
      .settled()
      .then(() => Promise.all(opened))
      .then(() => resolve(), reject);
  });
  // It is waited for a little later.
  ready.catch(() => undefined);
  return ready;
};

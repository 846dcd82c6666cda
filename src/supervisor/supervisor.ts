import { dirname, resolve } from 'node:path';
import { appFiles } from '../protocol/app-files.ts';
import { refused } from '../protocol/errors.ts';
import { toErrorData } from '../protocol/forge-error.ts';
import { supervisorName } from '../protocol/logs.ts';
import type { Status } from '../protocol/metrics.ts';
import type { Severity } from '../protocol/severity.ts';
import { runFiles } from '../protocol/worker/succession.ts';
import { reloadAll } from './actions/acting.ts';
import { Actions } from './actions/actions.ts';
import { Journal, overridesAtStart } from './actions/journal.ts';
import { operations } from './actions/operations.ts';
import { journalRefusal } from './actions/refusals.ts';
import { takeUpConfig } from './actions/take-up.ts';
import { Advisory } from './advice/advisory.ts';
import type { AppConfig } from './config/app-config.ts';
import { loadConfig } from './config/load-config.ts';
import { type ServerFile, serverConfig } from './config/server-config.ts';
import { type ControlServer, serveControl } from './control/server.ts';
import { allocationEvents } from './crew/allocator.ts';
import { readiness } from './crew/readiness.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { History } from './history/history.ts';
import type { StoreOptions } from './history/store.ts';
import { Collector } from './logs/collector.ts';
import { logsDir, spoolIn } from './logs/names.ts';
import type { Waiting } from './succession/claim.ts';
import { deadOwner, takenOver } from './succession/dead-owner.ts';
import { startNext } from './succession/hand-over.ts';
import { abandonedRun, type HandedOn } from './succession/run.ts';
import { loadRunState } from './succession/run-state.ts';
import { longestStop } from './topology/longest-stop.ts';
import { runDirOf } from './topology/run-dir.ts';
import { Observer } from './watch/observer.ts';
import { ownEvent, Timeline } from './watch/timeline.ts';

export type SupervisorOptions = {
  readonly configFile: string;
  /** Overrides the config's; 0 takes any free port. */
  readonly httpPort?: number;
  readonly only?: readonly string[];
  /** One line for each thing that happens. */
  readonly onEvent?: (text: string) => void;
  readonly waiting?: Waiting;
};

type Listener = Pick<SupervisorOptions, 'onEvent' | 'waiting'>;

/** On top of what the processes may take, for the last of them to be killed. */
const stopMarginMs = 2_000;
const startAgain = 'Start the app with `forge start`.';

/** Puts the parts together: engine, observer, advisor, journal and control socket. */
export class Supervisor {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #observer: Observer;
  readonly #collector: Collector;
  readonly #history: History;
  readonly #timeline = new Timeline();
  readonly #onEvent: ((text: string) => void) | undefined;
  readonly #stopAsked = Promise.withResolvers<void>();
  readonly #ready: Promise<void>;
  readonly #closed = Promise.withResolvers<void>();
  #control: ControlServer | undefined;
  #stopping: Promise<void> | undefined;

  /**
   * Resolves when the control socket answers; `settled` tells when the services are ready. A run
   * that nobody else takes up goes on as it is, with the config that it runs.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const directory = dirname(resolve(options.configFile));
    const runDir = runDirOf(directory);
    const state = abandonedRun(runDir);
    if (state !== undefined) return Supervisor.#run(state.config, options, { runDir, state });
    const config = await loadConfig({ file: options.configFile });
    return Supervisor.#run(config, options, {
      runDir,
      ...(options.httpPort === undefined ? {} : { httpPort: options.httpPort }),
      ...(options.only === undefined ? {} : { only: options.only }),
    });
  }

  /** Runs one existing server, without a config; rejects when it does not come to serve. */
  static async startServer(
    server: ServerFile,
    options: Listener & Pick<SupervisorOptions, 'httpPort'>,
  ): Promise<Supervisor> {
    const config = serverConfig(server, options.httpPort);
    const { directory } = config;
    return Supervisor.#run(config, options, { runDir: runDirOf(directory), isStrict: true });
  }

  /** Takes over a run whose supervisor is gone; its workers have gone on serving. */
  static async succeed(runDir: string, handedOn: HandedOn | undefined): Promise<Supervisor> {
    const state = loadRunState(runDir);
    if (state === undefined) throw refused(`There is no run to take over in ${runDir}`, startAgain);
    const options = { runDir, state, ...(handedOn === undefined ? {} : { handedOn }) };
    return Supervisor.#run(state.config, {}, options);
  }

  static async #run(
    config: AppConfig,
    { onEvent, waiting }: Listener,
    options: EngineOptions,
  ): Promise<Supervisor> {
    const file = appFiles.state(config.directory);
    const dead = options.state === undefined ? undefined : deadOwner(options.runDir);
    const engine = await Engine.start(config, {
      ...options,
      ...(waiting === undefined ? {} : { waiting }),
      overrides: overridesAtStart(file),
    });
    const supervisor = new Supervisor(engine, onEvent);
    await supervisor
      .#open()
      .catch((error: unknown) => supervisor.stop().then(() => Promise.reject(error)));
    if (dead !== undefined) supervisor.note(takenOver(dead, engine.adoptedWorkers));
    for (const text of engine.damage) supervisor.note(text);
    return supervisor;
  }

  private constructor(engine: Engine, onEvent: ((text: string) => void) | undefined) {
    this.#engine = engine;
    this.#ready = readiness(engine);
    this.#onEvent = onEvent;
    const { directory } = engine.config;
    const onTrouble: StoreOptions['onTrouble'] = (severity, text) => this.note(text, severity);
    const journal = new Journal(appFiles.state(directory), onTrouble);
    const history = new History({ file: appFiles.history(directory), onTrouble });
    this.#journal = journal;
    this.#history = history;
    const timeline = this.#timeline;
    timeline.keepIn(history);
    if (onEvent) engine.on('event', ({ service, text }) => onEvent(`${service}: ${text}`));
    const actions = new Actions(engine, journal);
    const advisory = new Advisory({
      config: () => engine.config.advisor,
      mode: () => journal.overrides().autopilot,
      onEvent: (event) => timeline.add(event),
      onVerified: (id, verification) => this.#observer.verified(id, verification),
      onInput: (input) => history.input(input),
      memory: history.loadMemory(Date.now()),
    });
    this.#observer = new Observer({ engine, actions, advisory, timeline, history });
    this.#collector = new Collector({
      logs: logsDir(directory),
      limits: () => engine.config.logs,
      onEvent: (event) => engine.emit('event', event),
    });
    this.#parts = { engine, actions, advisory, observer: this.#observer, history };
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
    readonly history: History;
  };

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Where clients find the app, or a service that has a port of its own. */
  addressOf(name?: string): string | undefined {
    return this.#engine.front.addressOf(name);
  }

  /** Resolves when every service is ready or failed. */
  settled(): Promise<void> {
    return this.#ready;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Resolves when the app begins to stop, whoever asked for it. */
  get stopping(): Promise<void> {
    return this.#stopAsked.promise;
  }

  status(): Status {
    return this.#observer.status();
  }

  /** Says something of the supervisor itself. */
  note(text: string, severity?: Severity): void {
    this.#timeline.add(ownEvent(text, severity));
    this.#onEvent?.(`supervisor: ${text}`);
  }

  /** Takes up the config and the code on disk, group after group; what fails changes nothing. */
  async reload(): Promise<void> {
    try {
      await this.reconfigure();
      await reloadAll(this.#parts);
    } catch (error) {
      this.note(`nothing is reloaded: ${toErrorData(error).message}`);
    }
  }

  /** Ends what still drains. */
  kill(): void {
    this.#engine.kill();
  }

  /** Drains and ends everything; the same promise for everyone who asks. */
  stop(limitMs: number = longestStop(this.#engine.config) + stopMarginMs): Promise<void> {
    this.#stopping ??= this.#finish(() => this.#engine.stop(limitMs));
    this.#stopAsked.resolve();
    return this.#stopping;
  }

  /** Goes over to what the config file says now; of only some services if they are named. */
  async reconfigure(names?: readonly string[]): Promise<void> {
    await takeUpConfig(this.#engine, names);
    this.#journal.saveOverrides(this.#engine.overrides);
  }

  /** Replaces each service when its files change, without watching it for long first. */
  async watchFiles(say: (text: string) => void): Promise<Disposable> {
    const { DevLoop } = await import('./dev/dev-loop.ts');
    const engine = this.#engine;
    return await DevLoop.start({
      config: () => engine.config,
      say,
      groupOf: (service) =>
        engine.placements.find(({ services }) => services.includes(service))?.group,
      takeUp: (services) => this.reconfigure(services),
      reload: async (group, service) => {
        await engine.apply({ kind: 'reload', service });
        await engine.releases.settle([group]);
      },
      giveUp: (group) => engine.releases.giveUp(group),
    });
  }

  /** Gives the running app to a supervisor of another installation; answers that one's pid. */
  async upgrade(entry: string): Promise<number> {
    const { runDir, config, front } = this.#engine;
    const logFile = spoolIn(config.directory, supervisorName);
    const cwd = config.directory;
    const pid = await startNext({ entry, runDir, cwd, logFile, ...front.handOn() });
    this.#stopping ??= this.#finish(() => {
      // To close a socket removes its file, which would be the next supervisor's by then.
      this.#control?.leave();
      return this.#engine.handOver();
    });
    return pid;
  }

  async #open(): Promise<void> {
    const { config, runDir } = this.#engine;
    this.#control = await serveControl({
      socketPath: runFiles.control(runDir),
      app: config.app,
      admin: config.http.admin,
      refused: (asked, error) => journalRefusal(this.#parts, asked, error),
      backend: operations({
        ...this.#parts,
        stop: (timeoutMs) => void this.stop(timeoutMs),
        upgrade: (entry) => this.upgrade(entry),
        reconfigure: (names) => this.reconfigure(names),
      }),
    });
    // Whoever waits until the app has settled hears of a failure.
    void this.#ready.then(this.#tellAllocation, () => undefined);
  }

  readonly #tellAllocation = (): void => {
    const events = allocationEvents(this.#observer.allocation());
    for (const event of events) this.#engine.emit('event', event);
  };

  async #finish(end: () => Promise<void>): Promise<void> {
    try {
      this.#observer[Symbol.dispose]();
      // The next supervisor goes on from there as soon as it has the run.
      this.#history.save(this.#parts.advisory.memory, Date.now());
      await end();
      await this.#collector[Symbol.asyncDispose]();
      this.#journal[Symbol.dispose]();
      this.#history[Symbol.dispose]();
      // To whoever waits for the end, the closed connection says that no file is touched any more.
      await this.#control?.close();
      this.#closed.resolve();
    } catch (error) {
      this.#closed.reject(error);
      throw error;
    }
  }
}

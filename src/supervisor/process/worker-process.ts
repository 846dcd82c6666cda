import { rmSync } from 'node:fs';
import type { Contract } from '../../protocol/contract.ts';
import type { KeptCall } from '../../protocol/slow-calls.ts';
import type { ServiceConfig, WorkerStatus } from '../../protocol/topology.ts';
import { type Instant, instant } from '../../protocol/units.ts';
import type { Observed, ToSupervisor, ToWorker } from '../../protocol/worker/messages.ts';
import type { Attendant } from '../command/attendant.ts';
import { Alarm } from './alarm.ts';
import type { Hello, Link, Participant } from './channel.ts';
import { crashReason, isOverdue } from './crash-reason.ts';
import { hear } from './hear.ts';
import type { Adoption, Where, WorkerSpec } from './incarnation.ts';
import { Inquiry } from './inquiry.ts';
import { launch } from './launch.ts';
import { type Effect, type Event, initialState, type State, transition } from './lifecycle.ts';
import { notStarted } from './not-started.ts';
import { Rest } from './rest.ts';
import { RouteFeed } from './route-feed.ts';
import type { Ending, Running } from './running.ts';
import { Stall } from './stall.ts';
import { watchdogOf } from './watchdog.ts';
import type { Blocked, WorkerWatcher } from './worker-watcher.ts';

const stop = { type: 'stop', reason: 'the supervisor stops this worker' } as const;

/** One worker: performs what its lifecycle decides, and remembers what its process said. */
export class WorkerProcess implements Participant {
  readonly id: string;
  readonly group: string;
  readonly services: readonly string[];
  readonly configs: readonly ServiceConfig[];
  startedAt: Instant = instant(Date.now());
  rpcPath = '';
  httpPath = '';
  port: number | undefined;
  /** By which it proves who it is to other workers. */
  key: string | undefined;
  /** Whom its services may call, as it says itself: it may be older than the config. */
  connects: readonly string[] | undefined;
  contracts: Readonly<Record<string, Contract>> = {};
  /** Services whose `onStart` failed, and why. */
  failures: ReadonlyMap<string, string> = new Map();
  /** Services that say that they are not well, and why; they are called only if nobody else is. */
  unhealthy: ReadonlyMap<string, string> = new Map();
  isBound = false;
  /** When it ends before it has proved itself, it is sent away: others do its work. */
  isOnTrial = false;
  /** Why it ended, or could not be started, the last time that nobody asked it to. */
  lastCrash: string | undefined;
  /** Since when and where its event loop is blocked. */
  blocked: Blocked | undefined;
  /** When it last said anything, on the monotonic clock. */
  heardAt = performance.now();
  readonly routes = new RouteFeed((routes) => this.send(routes));
  readonly inquiry = new Inquiry();
  readonly stall = new Stall();
  readonly #alarm = new Alarm(() => this.#dispatch({ type: 'timeout' }));
  readonly rest = new Rest({
    send: (message) => this.send(message),
    onHeld: (sample) => this.#watcher.sampled(this, sample),
  });
  #isStandby = false;
  readonly #spec: WorkerSpec;
  readonly #watcher: WorkerWatcher;
  #state: State = initialState;
  #running: Running | undefined;
  /** Why it was killed, when that was not what it was asked for. */
  #failure: string | undefined;
  #link: Link | undefined;
  #attendant: Attendant | undefined;

  constructor(spec: WorkerSpec, watcher: WorkerWatcher) {
    this.id = spec.id;
    this.group = spec.group;
    this.services = spec.services.map(({ name }) => name);
    this.configs = spec.services;
    this.#spec = spec;
    this.#watcher = watcher;
  }

  get status(): WorkerStatus {
    return this.#state.status;
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  get restarts(): number {
    return this.#state.restarts;
  }

  get recentCrashes(): number {
    return this.#state.crashes.length;
  }

  get reason(): string | undefined {
    return 'reason' in this.#state ? this.#state.reason : undefined;
  }

  /** It has been started once and is either ready or beyond help. */
  get isSettled(): boolean {
    return !['waiting', 'starting', 'backoff'].includes(this.status);
  }

  /** It did not get through its first start. */
  get hasTripped(): boolean {
    return !['waiting', 'starting'].includes(this.status) || this.restarts > 0;
  }

  /** It speaks for itself, and listens. */
  get isLinked(): boolean {
    return this.#link !== undefined && this.#attendant === undefined;
  }

  /** Nobody sends it anything new any more. */
  announced(): void {
    this.#dispatch({ type: 'announced' });
  }

  /** Called only when there is nobody else. */
  get isAvoided(): boolean {
    return this.#isStandby || this.blocked !== undefined;
  }

  setBlocked(blocked: Blocked | undefined): void {
    const hasChanged = (this.blocked === undefined) !== (blocked === undefined);
    this.blocked = blocked;
    if (hasChanged) this.#watcher.changed(this, this.status);
  }

  /** Ready, but called only when nobody else is: the one before it in a reload. */
  get isStandby(): boolean {
    return this.#isStandby;
  }

  setStandby(isStandby: boolean): void {
    this.#isStandby = isStandby;
    this.#watcher.changed(this, this.status);
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  /** Its turn has come: not too many others are starting. */
  proceed(): void {
    this.#dispatch({ type: 'proceed' });
  }

  /** Takes over a process that lives; it will say by itself what it is. */
  adopt({ running, files, restarts, ...incarnation }: Adoption): void {
    this.#become(incarnation);
    this.#dispatch({ type: 'adopt', restarts });
    this.#watch(running, files);
  }

  /** Its turn has come: it may run `onStart`. `isLate`: others serve already. */
  begin(isLate = false): void {
    this.#dispatch({ type: 'begin' });
    this.send({ type: 'start', ...(isLate && { isLate }) });
  }

  /** Drains and stops it; its watcher hears of `stopped`. */
  stop(): void {
    this.#dispatch({ type: 'stop' });
  }

  kill(): void {
    this.#dispatch({ type: 'kill' });
  }

  /** Kills it, which counts as a crash for this reason: it is started again. */
  fail(reason: string): void {
    this.#failure = reason;
    this.#running?.signal('SIGKILL');
  }

  send(message: ToWorker): void {
    this.#link?.send(message);
  }

  /** Somebody dials in its name; answers who is to listen, if it is the process that we know. */
  admit(hello: Hello, link: Link): Participant | undefined {
    if (this.#attendant !== undefined) return this.#attendant.admit(hello, link);
    if (hello.pid !== this.#running?.pid) return undefined;
    if (hello.type === 'watch') return watchdogOf(this);
    // Whoever comes later with another one is somebody else.
    if (this.key !== undefined && hello.key !== this.key) return undefined;
    this.key = hello.key;
    this.connects = hello.connects;
    this.#link?.close();
    this.#link = link;
    this.routes.begin();
    this.rest.begin();
    return this;
  }

  /** Its slowest calls of the last minute; undefined when it does not answer. */
  async slowest(service: string): Promise<readonly KeptCall[] | undefined> {
    return this.isLinked ? this.inquiry.ask(service, (asked) => this.send(asked)) : undefined;
  }

  /** The ingress saw what this one cannot say. */
  observe(message: Observed, ingress: WorkerProcess): void {
    this.#attendant?.observe(message, ingress);
  }

  receive(message: ToSupervisor): void {
    this.heardAt = performance.now();
    hear(this, message, { watcher: this.#watcher, dispatch: (event) => this.#dispatch(event) });
  }

  disconnected(link: Link): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#running?.look();
    this.#watcher.routed();
  }

  #dispatch(event: Event): void {
    const before = this.#state;
    const { state, effects } = transition(before, event, this.#spec.policy);
    this.#state = state;
    const hasCrashed = event.type === 'exited' && state.crashes !== before.crashes;
    const isDenied = event.type === 'exited' && state.denials > before.denials;
    if (hasCrashed || isDenied) this.lastCrash = crashReason(before, event);
    for (const effect of effects) this.#perform(effect);
    if (hasCrashed) this.#watcher.crashed(this);
    if (isDenied && state.denials === 1) this.#watcher.denied(this);
    if (isOverdue(event, state)) this.#watcher.overdue(this);
    if (state !== before) this.#watcher.changed(this, before.status);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'spawn':
        this.#spawn();
        return;
      case 'send':
        this.send(effect.message === 'drain' ? { type: 'drain' } : stop);
        return;
      case 'signal':
        this.#running?.signal(effect.signal);
        return;
      default:
        this.#alarm.perform(effect);
    }
  }

  #spawn(): void {
    let files: readonly string[] = [];
    try {
      const incarnation = this.#spec.prepare();
      files = incarnation.files;
      this.#become({ ...incarnation, startedAt: instant(Date.now()) });
      this.#watch(launch(incarnation.launch), files);
      if (this.pid > 0) incarnation.note(this);
    } catch (error) {
      // A full disk, a taken port, a lack of descriptors: a failed start, not the supervisor's end.
      setImmediate(() => this.#exited(files, notStarted(error)));
    }
  }

  #become({ rpcPath, httpPath, port, startedAt }: Where): void {
    this.key = undefined;
    this.rpcPath = rpcPath;
    this.httpPath = httpPath;
    this.port = port;
    this.startedAt = startedAt;
  }

  #watch(running: Running, files: readonly string[]): void {
    this.#running = running;
    this.#attendant = this.#spec.attend?.({ running, port: this.port, worker: this });
    this.#link = this.#attendant;
    void running.exited.then((ending) => this.#exited(files, ending));
  }

  #exited(files: readonly string[], ending: Ending): void {
    for (const path of files) rmSync(path, { force: true });
    const unwell = [...this.unhealthy].map(([service, why]) => `${service}: ${why}`).join(', ');
    this.#running = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.#attendant = undefined;
    this.contracts = {};
    this.failures = new Map();
    this.unhealthy = new Map();
    this.blocked = undefined;
    this.stall.forget();
    this.isBound = false;
    const how = this.#failure === undefined ? ending : { reason: this.#failure };
    this.#failure = undefined;
    const [at, jitter] = [instant(Date.now()), Math.random()];
    this.#dispatch({ type: 'exited', at, jitter, ...how, ...(unwell !== '' && { unwell }) });
  }
}

import { Random } from '../random.ts';
import { Agenda } from './agenda.ts';
import type { SimulatedApp, Step } from './app.ts';
import { type Group, type Member, toMember } from './group.ts';
import { Pools } from './pools.ts';
import { Request } from './request.ts';
import { route } from './route.ts';
import { Worker } from './worker.ts';

/** What may be due; a worker that is due has ended its slice, or its start. */
type Due = Source | Worker | Request;

/** Requests from outside. */
type Source = { readonly member: Member; readonly random: Random };

/** Workers that are there from the beginning have run for an hour. */
const longAgo = -3_600_000;

export type EngineOptions = {
  readonly app: SimulatedApp;
  readonly seed: number;
  /** Called with the latency of each request from outside. */
  readonly onAnswered?: (member: Member, latencyMs: number, now: number) => void;
};

/**
 * Services, workers and requests, event by event. Time is in milliseconds from the start. Decides
 * nothing: whoever steers it starts and stops workers between two seconds.
 */
export class Engine {
  readonly app: SimulatedApp;
  readonly groups = new Map<string, Group>();
  /** Cores that programs other than this app would use. */
  othersCores = 0;
  now = 0;
  readonly #agenda = new Agenda<Due>();
  readonly #sources: readonly Source[];
  readonly #members = new Map<string, Member>();
  readonly #pools = new Pools();
  readonly #random: Random;
  readonly #onAnswered: NonNullable<EngineOptions['onAnswered']>;
  #secondEnds = 0;
  #runningLoops = 0;

  constructor({ app, seed, onAnswered = () => undefined }: EngineOptions) {
    this.app = app;
    this.#random = new Random(seed);
    this.#onAnswered = onAnswered;
    for (const service of app.services) {
      const member = toMember(service);
      this.#members.set(service.name, member);
      const group = this.#groupOf(service.group);
      group.members.push(member);
      while (group.workers.length < service.workers) this.#addWorker(group, 'ready');
    }
    this.#sources = [...this.#members.values()].map((member, index) => ({
      member,
      random: new Random(seed * 1_009 + index + 1),
    }));
  }

  member(service: string): Member {
    const member = this.#members.get(service);
    if (member === undefined) throw new Error(`There is no service ${service}`);
    return member;
  }

  groupFor(service: string): Group {
    return this.#groupOf(this.member(service).service.group);
  }

  /** Workers that cost something: also those that start, and those that end their last requests. */
  get paidWorkers(): number {
    let count = 0;
    for (const { workers } of this.groups.values()) count += workers.length;
    return count;
  }

  /** Runs the next second. */
  second(): void {
    this.#secondEnds = this.now + 1_000;
    for (const source of this.#sources) this.#expect(source);
    while (this.#agenda.soonest <= this.#secondEnds) {
      this.now = this.#agenda.soonest;
      this.#happens(this.#agenda.take());
    }
    this.now = this.#secondEnds;
    for (const { workers } of this.groups.values()) {
      for (const worker of workers) worker.account(this.now);
    }
  }

  /** Orders workers, or lets the youngest ones leave. */
  scale(service: string, wanted: number): void {
    const group = this.groupFor(service);
    const staying = group.workers.filter(({ status }) => status !== 'draining');
    for (let more = staying.length; more < wanted; more += 1) this.#addWorker(group, 'starting');
    for (const worker of staying.slice(Math.max(1, wanted))) this.#drain(worker);
  }

  /** Holds the event loop of one worker with work that is no request. */
  block(worker: Worker, forMs: number): void {
    worker.account(this.now);
    worker.blockedUntil = Math.max(worker.blockedUntil, this.now) + forMs;
    worker.group.members[0]?.meter.slice(forMs);
    if (worker.running === undefined && !worker.isHeld) this.#hold(worker);
  }

  #hold(worker: Worker): void {
    worker.isHeld = true;
    this.#runningLoops += 1;
    this.#agenda.add(worker.blockedUntil, worker);
  }

  #happens(due: Due): void {
    if (due instanceof Request) this.#answered(due);
    else if (due instanceof Worker) this.#workerIsDue(due);
    else {
      this.#arrive(due.member, undefined, due.random);
      this.#expect(due);
    }
  }

  #expect(source: Source): void {
    const { requestsPerSecond } = source.member.service;
    if (requestsPerSecond <= 0) return;
    const at = this.now + source.random.exponential(1_000 / requestsPerSecond);
    if (at < this.#secondEnds) this.#agenda.add(at, source);
  }

  #arrive(member: Member, caller: Request | undefined, random: Random): void {
    const { service } = member;
    const worker = route(this.#groupOf(service.group), {
      routing: this.app.routing,
      hotShare: service.hotShare,
      random: this.#random,
    });
    const scale = random.lognormal(service.cv2);
    const request = new Request({ member, worker, arrivedAt: this.now, scale, caller });
    member.pending += 1;
    worker.pending += 1;
    this.#advance(request);
  }

  /** Begins the step it has come to. */
  #advance(request: Request): void {
    const step = request.steps[request.step];
    if (step === undefined) this.#finish(request);
    else if (step.type === 'cpu') this.#wantsLoop(request);
    else if (step.type === 'io') this.#wantsAnswer(request, step);
    else this.#call(request, step);
  }

  #wantsLoop(request: Request): void {
    const { worker } = request;
    if (worker.status === 'starting') worker.enqueue(request);
    else if (worker.running === undefined && !worker.isHeld) this.#run(request);
    else worker.enqueue(request);
  }

  #run(request: Request): void {
    const { worker, member } = request;
    const step = request.steps[request.step];
    if (!request.isTakenUp) {
      request.isTakenUp = true;
      member.meter.arrivals += 1;
      member.meter.loopWaitMs += this.now - request.arrivedAt;
    }
    if (request.answeredAt !== undefined) {
      member.meter.loopWaitMs += this.now - request.answeredAt;
      request.answeredAt = undefined;
    }
    worker.account(this.now);
    worker.running = request;
    this.#runningLoops += 1;
    worker.coreShare = Math.min(1, this.app.cores / (this.#runningLoops + this.othersCores));
    const neededMs = (step?.type === 'cpu' ? step.ms : 0) * request.scale;
    this.#agenda.add(this.now + neededMs / worker.coreShare, worker);
  }

  #workerIsDue(worker: Worker): void {
    if (worker.status === 'starting') this.#isReady(worker);
    const { running } = worker;
    if (worker.isHeld) {
      if (worker.blockedUntil > this.now) {
        this.#agenda.add(worker.blockedUntil, worker);
        return;
      }
      worker.account(this.now);
      worker.isHeld = false;
      this.#runningLoops -= 1;
    } else if (running !== undefined) {
      const step = running.steps[running.step];
      const neededMs = (step?.type === 'cpu' ? step.ms : 0) * running.scale;
      worker.account(this.now);
      worker.running = undefined;
      this.#runningLoops -= 1;
      const heldMs = neededMs / worker.coreShare;
      running.member.meter.slice(heldMs);
      running.heldMs += heldMs;
      running.step += 1;
      this.#advance(running);
    }
    this.#goOn(worker);
  }

  /** The loop is free: for what held it up, for whoever is next, or for good. */
  #goOn(worker: Worker): void {
    if (worker.running !== undefined) return;
    if (worker.blockedUntil > this.now) {
      this.#hold(worker);
      return;
    }
    const next = worker.nextInLine();
    if (next !== undefined) this.#run(next);
    else this.#leaveWhenDone(worker);
  }

  #wantsAnswer(request: Request, { ms, pool }: Step & { readonly type: 'io' }): void {
    if (pool !== undefined && !this.#pools.take(pool, request)) return;
    this.#agenda.add(this.now + this.#random.exponential(ms), request);
  }

  /** An answer from outside has come; the connection goes to whoever waits for one. */
  #answered(request: Request): void {
    const step = request.steps[request.step];
    if (step?.type === 'io' && step.pool !== undefined) {
      const next = this.#pools.giveBack(step.pool);
      if (next !== undefined) this.#advance(next);
    }
    request.step += 1;
    this.#advance(request);
  }

  #call(request: Request, { service, awaited }: Step & { readonly type: 'call' }): void {
    request.calledAt = this.now;
    request.member.meter.called(service);
    this.#arrive(this.member(service), awaited ? request : undefined, this.#random);
    if (awaited) return;
    request.step += 1;
    this.#advance(request);
  }

  #finish(request: Request): void {
    const { member, worker, caller, arrivedAt } = request;
    const latencyMs = this.now - arrivedAt;
    member.pending -= 1;
    worker.pending -= 1;
    member.meter.answered(latencyMs, request.heldMs);
    if (caller === undefined) this.#onAnswered(member, latencyMs, this.now);
    else {
      caller.member.meter.waited(member.service.name, this.now - caller.calledAt);
      caller.answeredAt = this.now;
      caller.step += 1;
      this.#advance(caller);
    }
    this.#leaveWhenDone(worker);
  }

  #addWorker(group: Group, status: 'starting' | 'ready'): void {
    const worker = new Worker(group, status === 'ready' ? longAgo : this.now, status);
    group.workers.push(worker);
    if (status === 'ready') group.ready = [...group.ready, worker];
    else {
      this.#runningLoops += 1;
      this.#agenda.add(this.now + this.app.startDelayMs, worker);
    }
  }

  #isReady(worker: Worker): void {
    this.#runningLoops -= 1;
    worker.status = 'ready';
    worker.since = this.now;
    const { group } = worker;
    group.ready = group.workers.filter(({ status }) => status === 'ready');
  }

  #drain(worker: Worker): void {
    const { group } = worker;
    if (worker.status === 'starting') return;
    worker.status = 'draining';
    group.ready = group.workers.filter(({ status }) => status === 'ready');
    this.#leaveWhenDone(worker);
  }

  #leaveWhenDone(worker: Worker): void {
    if (worker.status !== 'draining' || worker.pending > 0) return;
    const { group } = worker;
    worker.status = 'stopped';
    group.workers.splice(group.workers.indexOf(worker), 1);
  }

  #groupOf(name: string): Group {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group: Group = { name, members: [], workers: [], ready: [] };
    this.groups.set(name, group);
    return group;
  }
}

import { setTimeout as after } from 'node:timers/promises';
import { emptyContract } from '../../protocol/contract.ts';
import type { ServiceSample, WorkerSample } from '../../protocol/metrics.ts';
import type { CommandService, WorkerStatus } from '../../protocol/topology.ts';
import type { Observed, ToSupervisor, ToWorker } from '../../protocol/worker/messages.ts';
import type { Hello, Link, Participant } from '../process/channel.ts';
import type { Running } from '../process/running.ts';
import { untilAnswers } from './probe.ts';
import { ProcessTree } from './process-tree.ts';

export type Attended = {
  readonly service: CommandService;
  readonly running: Running;
  /** Where it is to listen; undefined for a program that serves nobody. */
  readonly port: number | undefined;
  /** Nobody knows yet at which port clients look for it: it will ask for one. */
  readonly mustAsk: boolean;
  /** Whom the attendant speaks to in the name of the process. */
  readonly worker: Participant;
};

/** An ingress that sends requests to the process. */
type Sender = { readonly status: WorkerStatus };

/** A program that serves nobody is ready when it has run for so long without ending. */
const steadyMs = 1_000;
const sampleEveryMs = 1_000;
/** It may listen all the same: only HTTP without TLS is seen. */
const hasNotListened =
  'no HTTP server in it has listened on a fixed port (one that speaks TLS itself does not count)';
/** The ingress sets the pace; where there is nothing for it to see, we do. */
const unobservedMs = 1_500;

/**
 * Says for a process what a worker of ours would say itself: when it is ready, what it uses, and
 * that nothing is in flight there any more. A Node server may have a guest inside, which helps.
 */
export class Attendant implements Link, Participant {
  readonly #attended: Attended;
  readonly #tree: ProcessTree;
  readonly #guests = new Set<Link>();
  readonly #closed = new AbortController();
  readonly #asked = Promise.withResolvers<void>();
  readonly #sampling: NodeJS.Timeout;
  /** What only the inside of a Node process shows. */
  #inside = { eventLoopUtilization: 0, heapUsedBytes: 0 };
  #observedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #isStarted = false;
  /** Those that have said what they send, and of these those that may send more. */
  #isSeen = false;
  readonly #senders = new Set<Sender>();
  #isToLeave = false;
  #hasLeft = false;

  constructor(attended: Attended) {
    this.#attended = attended;
    this.#tree = new ProcessTree(attended.running.pid);
    if (!attended.mustAsk) this.#asked.resolve();
    this.#sampling = setInterval(() => {
      if (performance.now() - this.#observedAt > unobservedMs) this.#sample([]);
    }, sampleEveryMs).unref();
    // Whoever is spoken to has to know of us first.
    setImmediate(() => this.#say({ type: 'bound', contracts: this.#contracts() }));
  }

  /** From the supervisor, to the process. */
  send(message: ToWorker): void {
    switch (message.type) {
      case 'routes':
      case 'ports':
      case 'pace':
      case 'rest':
      case 'http':
      case 'slowest':
      case 'settled':
      // It hears the signal that follows.
      case 'stop':
        return;
      case 'start':
        if (!this.#isStarted) void this.#start();
        return;
      case 'drain':
        this.#isToLeave = true;
        this.#tryToLeave();
    }
  }

  close(): void {
    clearInterval(this.#sampling);
    this.#closed.abort();
    for (const guest of this.#guests) guest.close();
  }

  /** Takes the connection of a guest: it may live in a child of the process that was started. */
  admit(hello: Hello, link: Link): Participant | undefined {
    if (!this.#tree.has(hello.pid)) return undefined;
    this.#guests.add(link);
    return this;
  }

  /** From a guest. */
  receive(message: ToSupervisor): void {
    switch (message.type) {
      case 'hello':
      case 'watch':
      case 'blocked':
      case 'unblocked':
      case 'stalled':
      case 'bound':
      case 'ready':
      case 'health':
      case 'routed':
      case 'observed':
      case 'slowest':
      case 'rest':
        return;
      case 'asked':
        this.#say(message);
        this.#asked.resolve();
        return;
      case 'sample':
        this.#inside = insideOf(message.sample);
        return;
      case 'drained':
        this.#say(message);
    }
  }

  disconnected(link: Link): void {
    this.#guests.delete(link);
    this.#attended.running.look();
  }

  /** From an ingress, about the process. */
  observe({ sample, isLeft }: Observed, ingress: Sender): void {
    this.#observedAt = performance.now();
    this.#isSeen = true;
    if (isLeft && sample.inFlight === 0) this.#senders.delete(ingress);
    else this.#senders.add(ingress);
    this.#sample([sample]);
    this.#tryToLeave();
  }

  async #start(): Promise<void> {
    this.#isStarted = true;
    if (this.#attended.mustAsk) this.#tell(hasNotListened);
    await this.#asked.promise;
    // It rejects when the process has ended before, which its owner knows.
    const isReady = await this.#untilReady().then(
      () => true,
      () => false,
    );
    if (!isReady) return;
    this.#tell(undefined);
    this.#say({ type: 'ready', contracts: this.#contracts(), failed: [] });
  }

  #untilReady(): Promise<void> {
    const { port, service } = this.#attended;
    const { signal } = this.#closed;
    if (port === undefined) return after(steadyMs, undefined, { signal, ref: false });
    const tell = (problem: string): void => this.#tell(problem);
    return untilAnswers({ port, healthPath: service.healthPath }, { signal, tell });
  }

  /** Why it is not ready, as far as can be seen from outside. */
  #tell(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { name } = this.#attended.service;
    this.#say({ type: 'health', unhealthy: problem === undefined ? {} : { [name]: problem } });
  }

  /** The ingress must have left it first, or a request could meet a closed door. */
  #tryToLeave(): void {
    const isServing = this.#attended.port !== undefined && !this.#isVacant;
    if (!this.#isToLeave || this.#hasLeft || isServing) return;
    this.#hasLeft = true;
    // Not at once: whoever sent `drain` is not done with it yet.
    if (this.#guests.size === 0) setImmediate(() => this.#say({ type: 'drained' }));
    for (const guest of this.#guests) guest.send({ type: 'drain' });
  }

  get #isVacant(): boolean {
    return this.#isSeen && [...this.#senders].every(({ status }) => status === 'stopped');
  }

  #sample(services: readonly ServiceSample[]): void {
    const { cpu, periodMs, rssBytes } = this.#tree.take();
    const cpuMs = (cpu / 100) * periodMs;
    this.#say({
      type: 'sample',
      sample: {
        at: Date.now(),
        periodMs,
        cpu,
        rssBytes,
        ...this.#inside,
        // All that it computes, it computes for its requests.
        services: services.map((one) => ({ ...one, cpuMs })),
      },
    });
  }

  #contracts() {
    return { [this.#attended.service.name]: emptyContract };
  }

  #say(message: ToSupervisor): void {
    if (!this.#closed.signal.aborted) this.#attended.worker.receive(message);
  }
}

const insideOf = ({ eventLoopUtilization, heapUsedBytes }: WorkerSample) => ({
  eventLoopUtilization,
  heapUsedBytes,
});

import { type CallPolicy, everyMethod, usualConcurrency } from '../../protocol/call-policy.ts';
import type { Contract } from '../../protocol/contract.ts';
import type { Log } from '../context.ts';
import { Bulkhead } from './bulkhead.ts';
import { cache } from './cache.ts';
import { deadline } from './deadline.ts';
import type { Around } from './interceptor.ts';
import { logging } from './logging.ts';
import { rateLimit } from './rate-limit.ts';
import { singleFlight } from './single-flight.ts';
import { tracing } from './tracing.ts';

export type ServerChainOptions = {
  readonly calls: NonNullable<Contract['calls']>;
  readonly written: readonly Around[];
  readonly log: Log;
};

/** What stands round the methods of one service, from the outside to the inside. */
export class ServerChain {
  readonly #options: ServerChainOptions;
  readonly #bulkhead: Bulkhead;
  /** Shared by all methods. */
  readonly #ofService: readonly Around[];
  /** One rate and one cache for a method, whether it is called or is asked over HTTP. */
  readonly #ofMethods = new Map<string, readonly Around[]>();

  constructor(options: ServerChainOptions) {
    this.#options = options;
    const { rate, concurrency = usualConcurrency } = options.calls[everyMethod] ?? {};
    this.#bulkhead = new Bulkhead(concurrency);
    this.#ofService = [...(rate === undefined ? [] : [rateLimit(rate)]), this.#bulkhead.around];
  }

  /** Round an event or a message, which nobody waits for. */
  get ofPosts(): readonly Around[] {
    const { written } = this.#options;
    const traced = tracing('server');
    return traced.length === 0 ? written : [...traced, ...written];
  }

  of(method: string): readonly Around[] {
    const { calls, written, log } = this.#options;
    const own = calls[method] ?? {};
    const { timeoutMs, log: lines } = { ...calls[everyMethod], ...own };
    return [
      ...tracing('server'),
      ...(lines === undefined ? [] : [logging(lines, log)]),
      ...written,
      ...(timeoutMs === undefined ? [] : [deadline(timeoutMs)]),
      ...this.#ofService,
      ...this.#ofMethod(method, own),
    ];
  }

  /** The bulkhead of the service, where nothing else stands round a method. */
  alone(around: readonly Around[]): Bulkhead | undefined {
    const [only, ...others] = around;
    return others.length === 0 && only === this.#bulkhead.around ? this.#bulkhead : undefined;
  }

  #ofMethod(method: string, policy: CallPolicy): readonly Around[] {
    const known = this.#ofMethods.get(method) ?? ofMethod(policy);
    this.#ofMethods.set(method, known);
    return known;
  }
}

const ofMethod = ({ rate, concurrency, ...own }: CallPolicy): readonly Around[] => [
  ...(rate === undefined ? [] : [rateLimit(rate)]),
  ...(concurrency === undefined ? [] : [new Bulkhead(concurrency).around]),
  ...(own.cache === undefined ? [] : [cache(own.cache)]),
  ...(own.singleFlight === true ? [singleFlight()] : []),
];

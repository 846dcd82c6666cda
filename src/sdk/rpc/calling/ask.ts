import { now, type OutboundCall } from '../calls.ts';
import type { Link } from '../link.ts';
import { nowhere } from '../under-way/crowd.ts';
import type { Asker } from './asker.ts';

/** Who may have a call answered elsewhere. */
export type Owner = { readonly lost: (ask: Ask, error: unknown) => void };

type Asked = Pick<Asker, 'call' | 'sentAt' | 'deadlineAt'> & { readonly owner: Owner };

/** A call and who waits for its outcome, over however many tries. */
export class Ask implements Asker {
  readonly call: OutboundCall;
  readonly sentAt: number;
  readonly deadlineAt: number;
  readonly #owner: Owner;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  /** That it is with, and its number there. */
  link: Link | undefined = undefined;
  id = 0;
  place = nowhere;
  #waitedMs = 0;

  constructor(
    { call, sentAt, deadlineAt, owner }: Asked,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.call = call;
    this.sentAt = sentAt;
    this.deadlineAt = deadlineAt;
    this.#owner = owner;
    this.#resolve = resolve;
    this.#reject = reject;
    call.meter?.began();
  }

  answered(value: unknown, at: number, waitedMs: number): void {
    this.call.meter?.ended(at - this.sentAt, waitedMs);
    this.#resolve(value);
  }

  failed(error: unknown, waitedMs: number): void {
    this.#waitedMs = waitedMs;
    this.#owner.lost(this, error);
  }

  cancelled(): void {
    this.link?.cancel(this.id);
  }

  /** Answered or refused for good, after more than one try. */
  settle(outcome: Promise<unknown>): void {
    outcome.then(
      (value) => this.answered(value, now(), this.#waitedMs),
      (error) => this.refused(error),
    );
  }

  refused(error: unknown): void {
    this.call.meter?.ended(now() - this.sentAt, this.#waitedMs);
    this.#reject(error);
  }
}

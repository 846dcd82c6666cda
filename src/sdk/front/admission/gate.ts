import type { Priority } from '../../../protocol/contract.ts';
import { overloaded } from '../../../protocol/errors.ts';
import { firstLimit, type Limit, nextLimit } from './limit.ts';
import { Line } from './line.ts';
import { Overload } from './overload.ts';

export type Entry = {
  /** Calls of one kind take about as long as each other. */
  readonly kind: string;
  readonly priority: Priority;
  readonly refused?: () => void;
};

/** To be called at the end of what was admitted: whether how long it took says anything. */
export type Leave = (isTypical: boolean) => void;

const periodMs = 100;
const fewestAnswers = 5;
const lookEveryMs = 5;
const leastPatienceMs = 5;
const mostWaiting = 1_000;

/** Lets so many requests through to one service as it answers in about its usual time. */
export class Gate {
  readonly #service: string;
  readonly #tolerance: number;
  readonly #line = new Line(mostWaiting);
  readonly #overload = new Overload();
  #limit: Limit = firstLimit;
  #inside = 0;
  #peak = 0;
  #took = new Map<string, number[]>();
  #answers = 0;
  #periodAt = performance.now();
  #looking: NodeJS.Timeout | undefined;

  constructor(service: string, tolerance: number) {
    this.#service = service;
    this.#tolerance = tolerance;
  }

  /**
   * Does the work when there is room for it; rejects when there is more to do than the service can.
   * The work may say itself that its place is free again; else it is free at its end.
   */
  async pass<T>(entry: Entry, work: (leave: Leave) => Promise<T>): Promise<T> {
    const leave = onlyOnce(await this.enter(entry));
    try {
      const value = await work(leave);
      leave(true);
      return value;
    } finally {
      leave(false);
    }
  }

  enter({ kind, priority, refused }: Entry): Promise<Leave> {
    const isWelcome = this.#line.length === 0 && this.#hasRoom;
    this.#overload.came(isWelcome);
    if (this.#inside === 0) this.#overload.rested(performance.now() - this.#periodAt);
    if (isWelcome) return Promise.resolve(this.#begin(kind));
    return new Promise((resolve, reject) => {
      this.#line.join({
        priority,
        since: performance.now(),
        admit: () => resolve(this.#begin(kind)),
        refuse: () => {
          refused?.();
          reject(overloaded(this.#service));
        },
      });
      this.#looking ??= setInterval(() => this.#look(), lookEveryMs);
    });
  }

  get #hasRoom(): boolean {
    return this.#inside < Math.floor(this.#limit.most);
  }

  #begin(kind: string): Leave {
    const startedAt = performance.now();
    this.#inside += 1;
    this.#peak = Math.max(this.#peak, this.#inside);
    return (isTypical) => {
      const at = performance.now();
      this.#inside -= 1;
      if (isTypical) this.#note(kind, at - startedAt);
      if (this.#answers >= fewestAnswers && at - this.#periodAt >= periodMs) this.#adapt(at);
      this.#admit(at);
    };
  }

  #note(kind: string, tookMs: number): void {
    const all = this.#took.get(kind);
    if (all === undefined) this.#took.set(kind, [tookMs]);
    else all.push(tookMs);
    this.#answers += 1;
  }

  #adapt(at: number): void {
    const period = { tookMs: this.#took, peak: this.#peak };
    this.#limit = nextLimit(this.#limit, period, this.#tolerance);
    this.#overload.periodEnded();
    this.#took = new Map();
    this.#answers = 0;
    this.#peak = this.#inside;
    this.#periodAt = at;
  }

  #admit(at: number): void {
    if (this.#line.length > 0) this.#overload.waited(at - this.#line.startedAt);
    this.#line.expire(at - this.#patience);
    while (this.#hasRoom && this.#line.admit(this.#overload.isOn ? 'last' : 'first'));
  }

  /** Under overload a request may wait as long as an answer takes. */
  get #patience(): number {
    const { isOn, patienceMs } = this.#overload;
    if (!isOn) return patienceMs;
    return Math.max(leastPatienceMs, Math.min(patienceMs, ...this.#limit.usual.values()));
  }

  #look(): void {
    this.#admit(performance.now());
    if (this.#line.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

const onlyOnce = (leave: Leave): Leave => {
  let isOver = false;
  return (isTypical) => {
    if (!isOver) leave(isTypical);
    isOver = true;
  };
};

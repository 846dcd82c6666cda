import type { Step } from './app.ts';
import type { Member } from './group.ts';
import type { Worker } from './worker.ts';

/** One request on its way through the steps of a service. */
export class Request {
  readonly member: Member;
  readonly steps: readonly Step[];
  readonly worker: Worker;
  readonly arrivedAt: number;
  /** The CPU of this request over that of a mean one. */
  readonly scale: number;
  /** Whoever waits for the answer, or only for it to be taken up. */
  readonly caller: Request | undefined;
  step = 0;
  heldMs = 0;
  isTakenUp = false;
  /** When it began to wait for the loop again, after an answer of another service. */
  answeredAt: number | undefined;
  calledAt = 0;

  constructor(given: {
    readonly member: Member;
    readonly worker: Worker;
    readonly arrivedAt: number;
    readonly scale: number;
    readonly caller: Request | undefined;
  }) {
    this.member = given.member;
    this.steps = given.member.service.steps;
    this.worker = given.worker;
    this.arrivedAt = given.arrivedAt;
    this.scale = given.scale;
    this.caller = given.caller;
  }
}

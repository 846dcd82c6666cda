import { type Frame, frameTypes } from '../../protocol/rpc/frame.ts';
import { type InboundCall, isAwaited } from './calls.ts';
import { Cancellation } from './cancellation.ts';
import type { Speaker } from './identity/speaker.ts';
import type { Streams } from './streams/streams.ts';
import type { Called, CalledTable } from './under-way/called.ts';
import { leftOf } from './waited.ts';
import type { Outbox } from './wire/outbox.ts';
import { unpackCall } from './wire/payload.ts';

/** A process that calls this one. */
export type Peer = {
  readonly outbox: Outbox;
  readonly streams: Streams;
  /** It has said that it sends no more calls. */
  done: boolean;
  /** It speaks another version. */
  isRefused: boolean;
  speaker: Speaker | undefined;
  readonly hangUp: () => void;
  /** Calls of it that are running, and that somebody waits for. */
  readonly running: CalledTable<Inbound>;
};

/** A call that is being answered. */
export class Inbound implements Called<Inbound> {
  readonly id: number;
  readonly peer: Peer;
  readonly cancellation = new Cancellation();
  /** Whoever waits for it may take it back. */
  isAwaited = false;
  behind: Inbound | undefined = undefined;
  isListed = false;
  kind: InboundCall['kind'] = 'call';
  service = '';
  method = '';
  from = '';

  constructor(id: number, peer: Peer) {
    this.id = id;
    this.peer = peer;
  }

  /** It was taken up at this moment, and had waited so long. */
  read(frame: Frame, takenAt: number, waited: number): InboundCall {
    const { kind, service, method, args, from, carried } = unpackCall(frame.payload);
    this.isAwaited = isAwaited(kind);
    this.kind = kind;
    this.service = service;
    this.method = method;
    this.from = from;
    return {
      kind,
      service,
      method,
      args: frame.type === frameTypes.upload ? [...args, this.peer.streams.receive(this.id)] : args,
      from,
      sentAt: takenAt - waited,
      takenAt,
      deadlineMs: leftOf(frame.deadlineMs, waited),
      traceparent: frame.traceparent,
      carried,
      cancellation: this.cancellation,
    };
  }

  /** It goes on: until it has ended it may be taken back. */
  goesOn(): void {
    if (this.isAwaited) this.peer.running.add(this);
  }
}

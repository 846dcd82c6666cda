import type { SimulatedService } from './app.ts';
import { Meter } from './meter.ts';
import type { Worker } from './worker.ts';

/** A service, and what is measured of it. */
export type Member = {
  readonly service: SimulatedService;
  meter: Meter;
  pending: number;
};

/** Services that share their workers; most groups are one service. */
export type Group = {
  readonly name: string;
  readonly members: Member[];
  readonly workers: Worker[];
  /** Those that get requests. */
  ready: readonly Worker[];
};

export const toMember = (service: SimulatedService): Member => ({
  service,
  meter: new Meter(),
  pending: 0,
});

/** Gives what was measured of a service, and begins anew. */
export const takeMeter = (member: Member): Meter => {
  const { meter } = member;
  member.meter = new Meter();
  return meter;
};

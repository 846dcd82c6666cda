import { type Bytes, seconds } from '../../protocol/units.ts';

/** How far the autopilot may go; what is absent is bounded by the machine. */
export type AutopilotLimits = {
  readonly actionsPerHour: number;
  /** Of all services together. */
  readonly workers?: number;
  /** That the app is expected to use after an action. */
  readonly cores?: number;
  /** Of all workers together. */
  readonly memory?: Bytes;
};

/** One in two minutes. How often a service turns has a limit of its own. */
export const defaultLimits: AutopilotLimits = { actionsPerHour: 30 };
/** This part of them is kept for more workers: what only saves does without. */
export const keptForMore = 1 / 3;

/** Advice that is less sure than this is for a person. */
export const sureEnough = 0.6;
export const hourMs = seconds(3_600);
/** So much of the machine's memory stays free. */
export const memoryKeptMb = 256;

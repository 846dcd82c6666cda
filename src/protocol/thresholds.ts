import type { Severity } from './severity.ts';
import { type Millis, seconds } from './units.ts';

export type Line = { readonly warning: number; readonly critical: number };

/**
 * cpu in % of one core per worker, latencyP99 in ms, pending in requests, memory in MB per process,
 * errors in % of the answers.
 */
export type Thresholds = {
  readonly cpu: Line & { readonly scaleDown: number };
  readonly latencyP99: Line;
  readonly pending: Line;
  readonly memory: Line;
  /** Absent where it was written before there was this one. */
  readonly errors?: Line;
  readonly underutilized: { readonly cpu: number; readonly duration: Millis };
};

export const defaultThresholds: Required<Thresholds> = {
  cpu: { warning: 60, critical: 85, scaleDown: 40 },
  latencyP99: { warning: 100, critical: 500 },
  pending: { warning: 50, critical: 200 },
  memory: { warning: 512, critical: 1024 },
  errors: { warning: 1, critical: 5 },
  underutilized: { cpu: 20, duration: seconds(30 * 60) },
};

export const errorsLine = ({ errors }: Thresholds): Line => errors ?? defaultThresholds.errors;

export const severityOf = (value: number, line: Line): Severity =>
  value >= line.critical ? 'critical' : value >= line.warning ? 'warning' : 'ok';

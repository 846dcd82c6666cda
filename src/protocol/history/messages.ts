import type { NotAdvised, Recommendation } from '../advice.ts';
import type { TimelineEvent } from '../control/messages.ts';
import type { Thresholds } from '../thresholds.ts';
import type { WorkerStatus } from '../topology.ts';
import type { MachineSeries, Series } from './series.ts';

/** How far apart moments are kept, the finest first. */
export const stepsMs = [1_000, 10_000, 60_000] as const;
export type StepMs = (typeof stepsMs)[number];

export type HistoryQuery = {
  /** Milliseconds since the epoch; `to` is the first moment that is not wanted. */
  readonly from: number;
  readonly to: number;
  /** By default the finest that is kept for so long a period. */
  readonly stepMs?: StepMs;
  /** By default all. */
  readonly services?: readonly string[];
  /** Nothing but the figures: of a large app what happened is far more. */
  readonly figuresOnly?: boolean;
};

/** A service without its figures. */
export type ServiceLayout = {
  readonly name: string;
  readonly group: string;
  readonly port?: number;
  readonly colocatedWith: readonly string[];
  readonly status: WorkerStatus;
  readonly reason?: string;
  readonly workers: readonly {
    readonly id: string;
    readonly pid: number;
    readonly status: WorkerStatus;
    readonly restarts: number;
    readonly startedAt: string;
  }[];
};

/** What is kept when it happens, or when it has changed. */
export type HistoryRecord =
  | { readonly kind: 'event'; readonly at: number; readonly event: TimelineEvent }
  | {
      readonly kind: 'advice';
      readonly at: number;
      readonly recommendations: readonly Recommendation[];
      readonly notAdvised: readonly NotAdvised[];
      /** The lines that held then; an older supervisor did not keep them. */
      readonly thresholds?: Thresholds;
    }
  | { readonly kind: 'layout'; readonly at: number; readonly services: readonly ServiceLayout[] };

/** A part of a period, columns of two-byte codes in base64: one code a moment, series after series. */
export type HistoryPage = {
  readonly version: 1;
  readonly stepMs: StepMs;
  readonly at: readonly number[];
  readonly machineSeries: readonly MachineSeries[];
  readonly machine: string;
  readonly series: readonly Series[];
  readonly services: Readonly<Record<string, string>>;
  readonly records: readonly HistoryRecord[];
  /** The advice and the layout that held when the page begins. */
  readonly held: readonly HistoryRecord[];
  /** Where the next page begins; absent in the last one. */
  readonly next?: number;
};

/** What the advisor was given, second by second, from the last note of its memory on. */
export type RecordingQuery = {
  readonly from: number;
  readonly to: number;
  /** Where the page before ended. */
  readonly after?: number;
};

export type RecordingPage = {
  readonly version: 1;
  /** Each zstd in base64: the advisor's inputs, one JSON object a line. */
  readonly chunks: readonly string[];
  /** Of the page that follows; absent in the last one. */
  readonly next?: number;
};

import type { AdviceAction, Recommendation, Signal } from '../../protocol/advice.ts';
import type { Severity } from '../../protocol/severity.ts';
import type { Instant } from '../../protocol/units.ts';
import type { Demand } from '../capacity/demand.ts';
import type { Plan } from '../capacity/plan.ts';
import type { Tail } from '../capacity/tail.ts';
import type { Leak } from '../history/leak.ts';
import type { Queue } from '../model/queue.ts';
import type { Burn } from '../signals/burn.ts';
import type { Moment } from '../signals/moment.ts';
import type { Runs } from '../signals/run.ts';
import type { ServiceView } from '../view.ts';

/** What is added up over the seconds of a service. */
export type Sums = {
  readonly arrived: number;
  readonly slow: number;
  readonly failed: number;
  readonly cores: number;
  /** Begun and answered. */
  readonly requests: number;
  /** The same of the seconds in which its workers had time to spare. */
  readonly freeSeconds: number;
  readonly freeCores: number;
  readonly freeRequests: number;
};

/** One second of a service. Kept for a little over a minute. */
export type Point = {
  readonly at: Instant;
  /** Of the hottest worker, 0–100. */
  readonly busy: number;
  readonly meanBusy: number;
  /** Cores that its workers were busy with. */
  readonly cores: number;
  readonly arrivals: number;
  /** In this second alone, whether or not a worker has taken them up. */
  readonly arrived: number;
  readonly completions: number;
  /** Answers of this second alone that took too long; none of workers that warm up. */
  readonly slow: number;
  /** The same of those that were errors. */
  readonly failed: number;
  /** Time that the service itself held the loop, all requests together. */
  readonly heldLoopMs: number;
  readonly p99: number;
  /** Of this second alone, where it is known and something was answered. */
  readonly p99Now: number | undefined;
  /** Without the wait to be taken up, where that is measured. */
  readonly intrinsicP99: number | undefined;
  readonly pending: number;
  /** Of the answers. */
  readonly errorPercent: number;
  /** Of this second alone, where it is known and something was answered. */
  readonly errorPercentNow: number | undefined;
  /** Of the largest worker. */
  readonly memoryMb: number;
  readonly maxSliceMs: number;
  /** Part of the time that its busiest process waited for a core, 0–1. */
  readonly starvation: number;
  /** Of all seconds before this one, and with it: what lies between two needs no adding up. */
  readonly before: Sums;
  readonly through: Sums;
};

/** Ten seconds of a service. Kept for half an hour and more, also over a restart. */
export type Stretch = {
  readonly at: Instant;
  readonly seconds: number;
  readonly meanBusy: number;
  readonly meanArrivals: number;
  /** Cores in its busiest second. */
  readonly peakCores: number;
  readonly minMemoryMb: number;
  /** Longest piece for which its loop was held, while its process had a core to run on. */
  readonly maxSliceMs: number;
  /** Answers that took too long, and that were errors; absent while there are none. */
  readonly slow?: number;
  readonly failed?: number;
};

export type Split = ServiceView['split'];

/** What a service looks like when nothing is wrong; learned from calm seconds only. */
export type Calm = {
  readonly seconds: number;
  readonly p99: number;
  readonly split: Split;
};

export type ServiceMemory = {
  readonly points: readonly Point[];
  readonly stretches: readonly Stretch[];
  /** The one that is not over. */
  readonly stretch?: Stretch;
  readonly leak?: Leak;
  readonly calm?: Calm;
  /** Where the time of a request goes, over the last few seconds. */
  readonly split: Split;
  /** Signal → since when it has been over its line. */
  readonly held: Readonly<Partial<Record<Signal, Instant>>>;
  /** Answers in a row that were all bad. */
  readonly runs?: Runs;
  /** What burns in this second; absent when nothing does. */
  readonly burns?: readonly Burn[];
  /** When it was last short of a machine without an idle core; absent while it is not. */
  readonly fullAt?: Instant;
  /** The last time that anything was over its line. */
  readonly moment?: Moment;
  readonly queue?: Queue;
  /** When another number of workers was first seen, and the queue with the one before. */
  readonly changed?: { readonly at: Instant; readonly before: Queue };
  readonly demand?: Demand;
  /** What P99 does when the queue grows. */
  readonly tail?: Tail;
  /** Part of the objective that the autopilot plans with: less after it was missed. */
  readonly margin?: number;
  /** What the load needs now. */
  readonly plan?: Plan;
  /** Time of workers that were not needed, in a row; in seconds. */
  readonly spareSeconds?: number;
};

/** One copy for each service and second, and not one for each thing that is learned. */
export type Writable = { -readonly [Key in keyof ServiceMemory]: ServiceMemory[Key] };

export type Direction = 'up' | 'down' | 'other';

export type Done = {
  readonly actionId: string;
  readonly service: string;
  readonly direction: Direction;
  readonly at: Instant;
  /** The kind of advice that this is, whoever had the idea; absent for a reload or the like. */
  readonly action?: AdviceAction;
  /** Absent when an operator acted on their own. */
  readonly recommendation?: Recommendation;
  /** The action that this one took back. */
  readonly undoes?: string;
  /** Nobody asked for it: the autopilot did it. */
  readonly isAutopilots?: true;
};

/** An action that was done and whose outcome is not known yet. */
export type Waiting = Done & {
  /** The service whose figures tell whether it helped: the victim, for a noisy neighbour. */
  readonly measured: string;
  readonly before: Figures & { readonly held: readonly Signal[] };
  readonly queue?: Queue;
  /** Time of a core that one request took, over the last minute: it is the same for any number of workers. */
  readonly coreMs?: number;
  /** Why its own effect can no longer be told. */
  readonly overtaken?: string;
};

/** A service over the seconds that a verdict compares. */
export type Figures = {
  readonly seconds: number;
  readonly busy: number;
  readonly p99: number;
  readonly completions: number;
  /** The same in the later half of them: in the first, requests may still pile up or be worked off. */
  readonly settledAt: number;
};

export type OpenAdvice = {
  readonly recommendation: Recommendation;
  /** What it is about, when the action alone does not tell. */
  readonly about: string;
  /** When its evidence was last seen. */
  readonly seenAt: Instant;
  /** When anything was last found of its service, when that is later. */
  readonly caseAt?: Instant;
  /** When there was last no verdict on its service, when that is later: its evidence may be there yet. */
  readonly unknownAt?: Instant;
  /**
   * It took the place of another kind: since when it has been true without a break, how many such
   * turns there were in a row, each after a short one, how bad the case has been, and when it last was.
   */
  readonly turned?: {
    readonly at: Instant;
    readonly swings?: number;
    readonly severity: Severity;
    readonly severeAt: Instant;
  };
  /** The load has asked for another size than it shows, and since when. */
  readonly resizing?: { readonly isTooSmall: boolean; readonly since: Instant };
};

export type Muted = {
  readonly service: string;
  readonly action: AdviceAction;
  readonly about: string;
  readonly severity: Severity;
  readonly until: Instant;
  /** Who put it away, and why. */
  readonly by?: string;
  readonly why?: string;
};

/** An operator found advice wrong, which its rule has to answer for. */
export type Dismissal = {
  readonly service: string;
  readonly action: AdviceAction;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
};

/** What was predicted of a signal, and what came. */
export type Tried = {
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  readonly actual: number;
};

export type Outcome = {
  readonly service: string;
  readonly action: AdviceAction;
  readonly helped: boolean;
  readonly at: Instant;
  /** Of the advice that was followed; absent when an operator acted on their own. */
  readonly confidence?: number;
  /** How clear its evidence was, 0–1. */
  readonly strength?: number;
  readonly isOwnIdea?: true;
  readonly cpu?: Tried;
  readonly latencyP99Ms?: Tried;
};

/** Everything the advisor knows between two ticks. Plain data: it survives as JSON. */
export type Memory = {
  readonly version: 1;
  readonly machineCpu?: number;
  /** Of the last seconds, each alone. */
  readonly lastCpus?: readonly number[];
  /** Part of the periods of its quota in which that was used up lately, 0–1. */
  readonly throttled?: number;
  readonly services: Readonly<Record<string, ServiceMemory>>;
  readonly cases: number;
  readonly open: readonly OpenAdvice[];
  readonly muted: readonly Muted[];
  /** Actions done lately, for their cooldown; with the load they were done for. */
  readonly done: readonly (Done & { readonly cores: number })[];
  readonly waiting: readonly Waiting[];
  readonly outcomes: readonly Outcome[];
  readonly dismissals: readonly Dismissal[];
};

export const initialMemory: Memory = {
  version: 1,
  services: {},
  cases: 0,
  open: [],
  muted: [],
  done: [],
  waiting: [],
  outcomes: [],
  dismissals: [],
};

export const emptySplit: Split = { cpuMs: 0, loopWaitMs: 0, externalMs: 0, downstreamMs: {} };

export const emptyServiceMemory: ServiceMemory = {
  points: [],
  stretches: [],
  split: emptySplit,
  held: {},
};

import { inSlices, type Routing, type SimulatedApp, type Step } from './engine/app.ts';

/** What is simulated: one service, and how it is to do. */
export type Setup = {
  /** CPU and waiting of a request, which does them in turns. */
  readonly cpuMs: number;
  readonly ioMs: number;
  readonly slices: number;
  /** Squared coefficient of variation of the CPU. */
  readonly cv2: number;
  readonly startDelayMs: number;
  /** 99 % of the requests are to be faster. */
  readonly sloMs: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  /** The peak of a trace makes 70 % of the CPU of so many workers. */
  readonly peakWorkers: number;
  readonly routing: Routing;
  readonly seed: number;
};

export const defaultSetup: Setup = {
  cpuMs: 20,
  ioMs: 30,
  slices: 3,
  cv2: 1,
  startDelayMs: 2_000,
  sloMs: 250,
  minWorkers: 1,
  maxWorkers: 24,
  peakWorkers: 12,
  routing: 'p2c',
  seed: 1,
};

const peakShare = 0.7;

/** Requests a second at the peak of a trace. */
export const peakRate = ({ peakWorkers, cpuMs }: Setup): number =>
  (peakShare * peakWorkers * 1_000) / cpuMs;

export const stepsOf = ({ cpuMs, ioMs, slices }: Setup): readonly Step[] =>
  inSlices(cpuMs, ioMs, slices);

/** A machine on which each worker that there may be has a core. */
export const roomFor = ({
  maxWorkers,
  startDelayMs,
  routing,
}: Setup): Omit<SimulatedApp, 'services'> => ({
  cores: maxWorkers + 2,
  memoryMb: 65_536,
  startDelayMs,
  routing,
});

import { Histogram } from '../../protocol/histogram.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';

/** How the workers of one generation have answered, as far as a reload is judged by it. */
export type Conduct = {
  readonly completions: number;
  readonly errors: number;
  readonly p99Ms: number;
};

/** Fewer answers than this are chance. */
const enoughAnswers = 20;
const enoughForP99 = 200;
const moreErrors = 0.05;
const slower = 2;
const slowerByMs = 20;

export const conductOf = (samples: readonly WorkerSample[]): Conduct => {
  const services = samples.flatMap((sample) => sample.services);
  const latency = new Histogram();
  for (const service of services) latency.add(service.latency, service.latencyMaxMs);
  return {
    completions: services.reduce((sum, { completions }) => sum + completions, 0),
    errors: services.reduce((sum, { errors }) => sum + errors, 0),
    p99Ms: latency.quantileMs(0.99),
  };
};

/** Why the new generation is worse than the old one; undefined while it is not. */
export const whyWorse = (before: Conduct, after: Conduct): string | undefined => {
  const was = shareOf(before);
  const is = shareOf(after);
  if (after.completions >= enoughAnswers && is >= was + moreErrors) {
    return `${percent(is)} of its answers are errors (before ${percent(was)})`;
  }
  const isKnown = before.completions >= enoughForP99 && after.completions >= enoughForP99;
  if (isKnown && after.p99Ms > before.p99Ms * slower + slowerByMs) {
    return `its P99 is ${after.p99Ms.toFixed(0)} ms (before ${before.p99Ms.toFixed(0)} ms)`;
  }
  return undefined;
};

const shareOf = ({ completions, errors }: Conduct): number =>
  completions === 0 ? 0 : Math.min(1, errors / completions);

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

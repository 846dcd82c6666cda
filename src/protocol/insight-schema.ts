import * as v from 'valibot';
import { adviceActions, signals } from './advice.ts';
import { burnRatesSchema, predictionSchema, recommendationSchema } from './schema.ts';

const version = v.literal(1);
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.minValue(0));
const share = v.pipe(count, v.maxValue(1));
const action = v.picklist(adviceActions);

/** `forge explain NAME --json`. */
export const explanationSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  service: v.string(),
  verdict: v.string(),
  recommendation: v.optional(recommendationSchema),
  signals: v.array(
    v.strictObject({
      signal: v.picklist(signals),
      value: v.number(),
      warning: count,
      critical: count,
      heldMs: v.optional(count),
      burn: v.optional(burnRatesSchema),
    }),
  ),
  time: v.strictObject({
    cpu: share,
    loopWait: share,
    external: share,
    downstream: v.record(v.string(), share),
  }),
  load: v.strictObject({
    workers: count,
    cores: count,
    requestsPerSecond: count,
    busyPercent: count,
    idleCores: v.number(),
  }),
  candidates: v.array(v.strictObject({ workers: count, prediction: predictionSchema })),
  tree: v.array(
    v.strictObject({
      question: v.string(),
      answer: v.picklist(['yes', 'no', 'not asked']),
      numbers: v.string(),
    }),
  ),
  notAdvised: v.array(v.strictObject({ action, because: v.string() })),
  wouldChange: v.array(v.string()),
});

/** `forge advise --calibration --json`. */
export const calibrationSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  rules: v.array(
    v.strictObject({
      action,
      followed: count,
      helped: count,
      hitRate: v.optional(share),
      prior: share,
      cases: v.optional(count),
      dismissed: count,
      evidence: v.optional(
        v.array(
          v.strictObject({
            from: share,
            followed: count,
            helped: count,
            prior: share,
            cases: v.optional(count),
          }),
        ),
      ),
      lastWhy: v.optional(v.string()),
    }),
  ),
  confidence: v.array(
    v.strictObject({ from: share, to: share, count, meanConfidence: share, hitRate: share }),
  ),
  calibrationError: v.optional(share),
  predictions: v.array(
    v.strictObject({
      signal: v.picklist(['cpu', 'latencyP99Ms']),
      count,
      medianErrorPercent: count,
      p90ErrorPercent: count,
      insideRange: share,
      tooHigh: share,
    }),
  ),
});

/** `forge explain NAME --slow --json`. */
export const slowCallsSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  service: v.string(),
  calls: v.array(
    v.strictObject({
      at: time,
      worker: v.string(),
      kind: v.picklist(['call', 'route', 'raw', 'request', 'message', 'event', 'broadcast']),
      method: v.string(),
      tookMs: count,
      waitedMs: count,
      from: v.string(),
      traceId: v.pipe(v.string(), v.regex(/^([0-9a-f]{32})?$/)),
      outcome: v.picklist(['ok', 'refused', 'failed']),
    }),
  ),
  silent: v.array(v.string()),
});

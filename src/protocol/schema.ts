import * as v from 'valibot';
import { actionKinds } from './action.ts';
import { adviceActions, adviceId, signals } from './advice.ts';
import { autopilotKinds, autopilotModes } from './autopilot.ts';
import { eventKinds } from './control/messages.ts';
import { logLevels } from './logs.ts';
import { severities } from './severity.ts';

/** The documents that scripts rely on, strict: a field too many or too few is a broken contract. */
const severity = v.picklist(severities);
const workerStatus = v.picklist([
  'waiting',
  'starting',
  'ready',
  'draining',
  'stopping',
  'stopped',
  'backoff',
  'failed',
]);
const time = v.pipe(v.string(), v.isoTimestamp());
const version = v.literal(1);
const count = v.pipe(v.number(), v.minValue(0));

const worker = v.strictObject({
  id: v.string(),
  pid: count,
  status: workerStatus,
  cpu: count,
  eventLoopUtilization: count,
  eventLoopDelayMs: v.optional(count),
  rssBytes: count,
  pending: count,
  restarts: count,
  startedAt: time,
  standby: v.optional(v.literal(true)),
  stalledIn: v.optional(v.string()),
});

const service = v.strictObject({
  name: v.string(),
  group: v.string(),
  port: v.optional(count),
  colocatedWith: v.array(v.string()),
  status: workerStatus,
  severity,
  reason: v.optional(v.string()),
  workers: v.array(worker),
  cpu: count,
  memoryBytes: count,
  pending: count,
  requestsPerSecond: count,
  errorRate: v.pipe(count, v.maxValue(1)),
  latencyMs: v.strictObject({ p50: count, p90: count, p99: count, max: count }),
});

/** `forge status --json`. */
export const statusSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  problem: v.optional(v.string()),
  supervisor: v.strictObject({
    pid: count,
    startedAt: time,
    adoptedWorkers: count,
    version: v.optional(v.string()),
  }),
  machine: v.strictObject({
    name: v.string(),
    startedAt: v.optional(time),
    load: v.optional(count),
    cores: count,
    cpu: count,
    memoryBytes: count,
    memoryUsedBytes: count,
  }),
  autopilot: v.optional(v.strictObject({ mode: v.picklist(autopilotModes) })),
  services: v.array(service),
});

const line = { warning: count, critical: count };
const interval = v.strictObject({
  from: v.number(),
  to: v.number(),
  low: v.number(),
  high: v.number(),
});
const action = v.picklist(adviceActions);
export const predictionSchema = v.strictObject({
  cpu: v.optional(interval),
  latencyP99Ms: v.optional(interval),
  pending: v.optional(interval),
});

export const burnRatesSchema = v.array(v.strictObject({ forMs: count, times: count, line: count }));

export const recommendationSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(adviceId)),
  service: v.string(),
  action,
  severity,
  confidence: v.pipe(count, v.maxValue(1)),
  record: v.optional(v.strictObject({ strength: count, cases: count, cameTrue: count })),
  since: time,
  overSince: v.optional(time),
  reason: v.pipe(v.string(), v.regex(/\d/)),
  evidence: v.array(
    v.strictObject({
      signal: v.picklist(signals),
      value: v.number(),
      ...line,
      heldMs: count,
      burn: v.optional(
        v.strictObject({
          severity: v.picklist(['warning', 'critical']),
          percent: count,
          forMs: count,
          answers: v.optional(count),
        }),
      ),
      burnRates: v.optional(burnRatesSchema),
    }),
  ),
  details: v.record(v.string(), v.union([v.number(), v.string(), v.array(v.string())])),
  prediction: predictionSchema,
  command: v.pipe(v.string(), v.startsWith('forge ')),
  config: v.record(v.string(), v.unknown()),
  steps: v.array(v.string()),
});

/** `forge advise --json`. */
export const adviceSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  thresholds: v.strictObject({
    cpu: v.strictObject({ ...line, scaleDown: count }),
    latencyP99: v.strictObject(line),
    pending: v.strictObject(line),
    memory: v.strictObject(line),
    errors: v.optional(v.strictObject(line)),
    underutilized: v.strictObject({ cpu: count, duration: count }),
  }),
  recommendations: v.array(recommendationSchema),
  notAdvised: v.array(v.strictObject({ service: v.string(), action, because: v.string() })),
  autopilot: v.optional(
    v.strictObject({
      kinds: v.array(v.picklist(autopilotKinds)),
      held: v.array(
        v.strictObject({ recommendation: v.string(), service: v.string(), because: v.string() }),
      ),
    }),
  ),
  mode: v.optional(v.picklist(autopilotModes)),
  undo: v.optional(
    v.array(
      v.strictObject({
        action: v.string(),
        kind: v.picklist(actionKinds),
        service: v.string(),
        because: v.string(),
        command: v.pipe(v.string(), v.startsWith('forge undo ')),
      }),
    ),
  ),
});

/** `forge logs --json`. */
export const logsSchema = v.strictObject({
  version,
  lines: v.array(
    v.strictObject({
      time,
      service: v.string(),
      worker: v.string(),
      level: v.optional(v.picklist(logLevels)),
      line: v.string(),
    }),
  ),
});

/** `forge events --json`; with `--follow` one of the list a line. */
export const eventListSchema = v.strictObject({
  version,
  events: v.array(
    v.strictObject({
      at: time,
      kind: v.picklist(eventKinds),
      severity,
      service: v.string(),
      text: v.string(),
    }),
  ),
});

const range = v.strictObject({ low: v.number(), high: v.number() });
const layout = v.strictObject({ group: v.string(), workers: count });

/** One of `forge actions --json`. */
export const actionSchema = v.strictObject({
  id: v.string(),
  kind: v.picklist(actionKinds),
  service: v.string(),
  worker: v.optional(v.string()),
  by: v.strictObject({
    uid: v.number(),
    user: v.string(),
    tty: v.string(),
    origin: v.picklist(['top', 'cli', 'advisor', 'api']),
  }),
  why: v.string(),
  recommendation: v.optional(v.string()),
  from: layout,
  to: layout,
  status: v.picklist(['running', 'done', 'failed', 'undone']),
  startedAt: time,
  finishedAt: v.optional(time),
  failedRequests: count,
  error: v.optional(v.string()),
  verification: v.optional(
    v.strictObject({
      predicted: v.strictObject({
        cpu: v.optional(v.number()),
        latencyP99Ms: v.optional(v.number()),
      }),
      range: v.optional(
        v.strictObject({ cpu: v.optional(range), latencyP99Ms: v.optional(range) }),
      ),
      actual: v.strictObject({ cpu: v.number(), latencyP99Ms: v.number() }),
      helped: v.boolean(),
      inconclusive: v.optional(v.literal(true)),
      because: v.optional(v.string()),
    }),
  ),
  undo: v.optional(v.string()),
});

/** `forge actions --json`. */
export const actionListSchema = v.strictObject({ version, actions: v.array(actionSchema) });

/** `forge explain allocation --json`. */
export const allocationSchema = v.strictObject({
  version,
  app: v.string(),
  at: time,
  budget: v.strictObject({
    cores: count,
    coresBound: v.optional(v.picklist(['machine', 'cpuset', 'quota'])),
    memoryBytes: v.optional(count),
    memoryBound: v.optional(v.picklist(['machine', 'cgroup'])),
  }),
  workerCores: count,
  groups: v.array(
    v.strictObject({
      group: v.string(),
      services: v.array(v.string()),
      workers: count,
      running: count,
      memoryBytesPerWorker: count,
      memoryFrom: v.picklist(['limit', 'measured', 'assumed']),
      why: v.string(),
    }),
  ),
  warnings: v.array(v.strictObject({ limit: v.picklist(['cores', 'memory']), text: v.string() })),
});

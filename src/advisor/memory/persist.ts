import { adviceActions, signals } from '../../protocol/advice.ts';
import { severities } from '../../protocol/severity.ts';
import { emptyTail } from '../capacity/tail.ts';
import { initialMemory, type Memory, type ServiceMemory } from './memory.ts';
import {
  flag,
  keyedBy,
  listOf,
  mapOf,
  number,
  objectOf,
  oneOf,
  optional,
  type Shape,
  text,
} from './shape.ts';

/**
 * What outlives the supervisor. The seconds and what is derived from them do not: they are seen
 * again before there could be a verdict, and those of before the gap would be taken for the last
 * ones. The same goes for the machine's CPU.
 */
export const encodeMemory = ({
  machineCpu: _stale,
  lastCpus: _gone,
  throttled: _too,
  ...memory
}: Memory): string =>
  JSON.stringify(
    {
      ...memory,
      services: Object.fromEntries(
        Object.entries(memory.services).map(([name, known]) => [name, lasting(known)]),
      ),
    },
    rounded,
  );

const lasting = (known: ServiceMemory) => {
  const { queue: _queue, plan: _plan, changed: _changed, ...others } = known;
  const { runs: _runs, burns: _burns, moment: _moment, fullAt: _fullAt, ...kept } = others;
  return { ...kept, points: [] };
};

/** A thousandth is more than any signal is worth, and saves half the bytes. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;

/** The initial memory, when the text is not what this version writes. */
export const decodeMemory = (encoded: string): Memory => {
  try {
    const value: unknown = JSON.parse(encoded);
    // `isMemory` has looked at every field that the advisor reads.
    return isMemory(value) ? complete(value as Memory) : initialMemory;
  } catch {
    // Cut off while it was written, or never ours: the advisor learns anew.
    return initialMemory;
  }
};

/** What was written before there was a word for all of it. */
const complete = (memory: Memory): Memory => ({
  ...initialMemory,
  ...memory,
  services: Object.fromEntries(
    Object.entries(memory.services).map(([name, known]) => [
      name,
      known.tail === undefined ? known : { ...known, tail: { ...emptyTail, ...known.tail } },
    ]),
  ),
  waiting: memory.waiting.map((one) => ({
    ...one,
    before: { ...nothingBefore, ...one.before },
  })),
});

const nothingBefore = { seconds: 0, completions: 0, settledAt: 0, held: [] };

const split = objectOf({
  cpuMs: number,
  loopWaitMs: number,
  externalMs: number,
  downstreamMs: mapOf(number),
  calls: optional(mapOf(number)),
});

const stretch = objectOf({
  at: number,
  seconds: number,
  meanBusy: number,
  meanArrivals: number,
  peakCores: number,
  minMemoryMb: number,
  maxSliceMs: number,
  slow: optional(number),
  failed: optional(number),
});

const queue = objectOf({
  workers: number,
  load: number,
  demandMs: number,
  arrivalsPerSecond: number,
  intrinsicMeanMs: number,
  intrinsicP99Ms: number,
  kappa: number,
  known: optional(number),
  scatter: optional(number),
  seconds: optional(number),
  busy: number,
  p99: number,
  pending: number,
});

const service = objectOf({
  points: (value) => Array.isArray(value) && value.length === 0,
  stretches: listOf(stretch),
  stretch: optional(stretch),
  leak: optional(objectOf({ mbPerSecond: number, untilFullMs: number })),
  calm: optional(objectOf({ seconds: number, p99: number, split })),
  split,
  held: keyedBy(signals, number),
  tail: optional(
    objectOf({
      seconds: number,
      waitMs: number,
      waitMs2: number,
      p99: number,
      waitP99: number,
      requests: optional(number),
      heldMs: optional(number),
      heldMs2: optional(number),
      visits: optional(number),
      sliceMs2: optional(number),
    }),
  ),
  demand: optional(objectOf({ ms: number, requests: number })),
  margin: optional(number),
  spareSeconds: optional(number),
});

const action = oneOf(adviceActions);
const severity = oneOf(severities);

export const recommendationShape = objectOf({
  id: text,
  service: text,
  action,
  severity,
  confidence: number,
  record: optional(objectOf({ strength: number, cases: number, cameTrue: number })),
  since: text,
  overSince: optional(text),
  reason: text,
  evidence: listOf(
    objectOf({
      signal: oneOf(signals),
      value: number,
      warning: number,
      critical: number,
      heldMs: number,
    }),
  ),
  details: mapOf((value) => number(value) || text(value) || listOf(text)(value)),
  prediction: mapOf(objectOf({ from: number, to: number, low: number, high: number })),
  command: text,
  config: mapOf(() => true),
  steps: listOf(text),
});

export const doneShape = {
  actionId: text,
  service: text,
  direction: oneOf(['up', 'down', 'other']),
  at: number,
  action: optional(action),
  recommendation: optional(recommendationShape),
  undoes: optional(text),
  isAutopilots: optional(flag),
};

const tried = optional(objectOf({ predicted: number, low: number, high: number, actual: number }));

const outcome = objectOf({
  service: text,
  action,
  helped: flag,
  at: number,
  confidence: optional(number),
  strength: optional(number),
  isOwnIdea: optional(flag),
  cpu: tried,
  latencyP99Ms: tried,
});

const muted = objectOf({
  service: text,
  action,
  about: text,
  severity,
  until: number,
  by: optional(text),
  why: optional(text),
});

const isMemory: Shape = objectOf({
  version: oneOf([initialMemory.version]),
  services: mapOf(service),
  cases: number,
  open: listOf(
    objectOf({
      recommendation: recommendationShape,
      about: text,
      seenAt: number,
      caseAt: optional(number),
      unknownAt: optional(number),
      turned: optional(
        objectOf({ at: number, swings: optional(number), severity, severeAt: number }),
      ),
      resizing: optional(objectOf({ isTooSmall: flag, since: number })),
    }),
  ),
  muted: listOf(muted),
  done: listOf(objectOf({ ...doneShape, cores: number })),
  waiting: listOf(
    objectOf({
      ...doneShape,
      measured: text,
      before: objectOf({
        seconds: optional(number),
        busy: number,
        p99: number,
        completions: optional(number),
        settledAt: optional(number),
        held: optional(listOf(oneOf(signals))),
      }),
      queue: optional(queue),
      coreMs: optional(number),
      overtaken: optional(text),
    }),
  ),
  outcomes: listOf(outcome),
  dismissals: optional(
    listOf(objectOf({ service: text, action, at: number, by: text, why: text })),
  ),
});

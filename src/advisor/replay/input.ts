import { type Instant, instant, type Millis } from '../../protocol/units.ts';
import type { PuttingAway } from '../advice/put-away.ts';
import type { Done } from '../memory/memory.ts';
import { doneShape } from '../memory/persist.ts';
import {
  flag,
  listOf,
  mapOf,
  number,
  objectOf,
  oneOf,
  optional,
  type Shape,
  text,
} from '../memory/shape.ts';
import type { AdvisorSettings } from '../settings.ts';
import type { ServiceView, View } from '../view.ts';

/** Everything that the advisor is given, in the order in which it is: from it follows all it says. */
export type AdvisorInput =
  /** What it knows from then on, as `encodeMemory` writes it; or, as a note, what it knows anyway. */
  | {
      readonly type: 'memory';
      readonly at: Instant;
      readonly isNote: boolean;
      readonly text: string;
    }
  | { readonly type: 'settings'; readonly settings: AdvisorSettings }
  | { readonly type: 'view'; readonly view: View }
  | { readonly type: 'done'; readonly done: Done }
  /** The autopilot could not do it. */
  | { readonly type: 'failed'; readonly done: Done }
  | ({ readonly type: 'dismissed'; readonly id: string } & PuttingAway)
  /** The clock was set. */
  | { readonly type: 'shifted'; readonly byMs: Millis };

const serviceView = objectOf({
  service: text,
  group: text,
  colocatedWith: listOf(text),
  isCommand: optional(flag),
  workers: number,
  minWorkers: number,
  maxWorkers: number,
  youngestMs: number,
  busyPerWorker: listOf(number),
  cpuPerWorker: number,
  starvation: number,
  arrivalsPerSecond: number,
  completionsPerSecond: number,
  errorRate: number,
  latencyMs: objectOf({ p50: number, p90: number, p99: number, max: number }),
  intrinsicP99Ms: optional(number),
  split: objectOf({
    cpuMs: number,
    loopWaitMs: number,
    externalMs: number,
    downstreamMs: mapOf(number),
    calls: optional(mapOf(number)),
  }),
  slices: objectOf({ perSecond: number, maxMs: number, sumOfSquaresMs2PerSecond: number }),
  eventLoopDelayMs: optional(number),
  stalledIn: optional(text),
  held: optional(objectOf({ meanMs: number, meanSquareMs2: number, visits: number })),
  pending: number,
  memoryMbPerWorker: number,
  largestWorker: optional(objectOf({ id: text, memoryMb: number })),
  memoryLimitMb: optional(number),
});

const line = { warning: number, critical: number };

const thresholds = objectOf({
  cpu: objectOf({ ...line, scaleDown: number }),
  latencyP99: objectOf(line),
  pending: objectOf(line),
  memory: objectOf(line),
  errors: optional(objectOf(line)),
  underutilized: objectOf({ cpu: number, duration: number }),
});

const settings = objectOf({
  thresholds,
  services: optional(mapOf(thresholds)),
  evaluationIntervalMs: number,
  cooldownMs: number,
  holdMs: number,
  autoExecute: (value) => flag(value) || mapOf(flag)(value),
});

const shapes: readonly Shape[] = [
  objectOf({ type: oneOf(['memory']), at: number, isNote: flag, text }),
  objectOf({ type: oneOf(['settings']), settings }),
  objectOf({
    type: oneOf(['view']),
    view: objectOf({
      at: number,
      machine: objectOf({
        cores: number,
        cpu: optional(number),
        throttled: optional(number),
        memoryFreeBytes: number,
      }),
      services: listOf(serviceView),
    }),
  }),
  objectOf({ type: oneOf(['done', 'failed']), done: objectOf(doneShape) }),
  objectOf({
    type: oneOf(['dismissed']),
    id: text,
    at: number,
    forMs: optional(number),
    by: optional(text),
    why: optional(text),
    isSnoozed: optional(flag),
  }),
  objectOf({ type: oneOf(['shifted']), byMs: number }),
];

/** Four digits of every figure, and whole moments: more is noise, and takes half the room again. */
export const roundedView = ({ at, machine, services }: View): View => ({
  at: instant(Math.floor(at)),
  machine: copied(machine),
  services: services.map((each) => rounded(each) as ServiceView),
});

/** What is in a view is never changed, and of services that do nothing it is in the next one as well. */
const copies = new WeakMap<object, unknown>();

const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return fourDigits(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = Array.isArray(value) ? value.map(rounded) : copied(value);
  copies.set(value, copy);
  return copy;
};

/** Without what is undefined, as it is when it has been written and read. */
const copied = <T extends object>(value: T): T => {
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const each = (value as Readonly<Record<string, unknown>>)[key];
    if (each !== undefined) copy[key] = rounded(each);
  }
  // The same keys with the same types.
  return copy as T;
};

const fourDigits = (value: number): number => {
  if (value === 0) return value;
  const scale = 10 ** Math.abs(3 - Math.floor(Math.log10(Math.abs(value))));
  return Math.abs(value) < 10_000
    ? Math.round(value * scale) / scale
    : Math.round(value / scale) * scale;
};

/** Undefined for what this version does not know. */
export const decodeInput = (value: unknown): AdvisorInput | undefined =>
  // One of the shapes has looked at every field that the advisor reads.
  shapes.some((shape) => shape(value)) ? (value as AdvisorInput) : undefined;

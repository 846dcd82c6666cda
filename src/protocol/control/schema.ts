import * as v from 'valibot';
import { autopilotModes } from '../autopilot.ts';
import { badMessage } from '../errors.ts';
import { stepsMs } from '../history/messages.ts';
import { logLevels } from '../logs.ts';
import { type ClientMessage, type ControlMethod, longestWaitMs } from './messages.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const text = v.pipe(v.string(), v.maxLength(2_000));
const time = v.pipe(v.number(), v.minValue(0), v.maxValue(longestWaitMs));

const count = v.pipe(v.number(), v.minValue(0));

const period = { from: count, to: count };

const actor = v.object({
  uid: v.number(),
  user: text,
  tty: text,
  origin: v.picklist(['top', 'cli', 'advisor', 'api']),
});

const request = v.variant('kind', [
  v.object({
    kind: v.literal('scale'),
    service: id,
    workers: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
  }),
  v.object({ kind: v.literal('split'), service: id }),
  v.object({ kind: v.literal('colocate'), service: id, with: v.array(id) }),
  v.object({ kind: v.literal('reload'), service: id }),
  v.object({ kind: v.literal('restart'), service: id, worker: v.optional(id) }),
  v.object({ kind: v.literal('rollback'), service: id }),
  v.object({ kind: v.literal('stop'), service: id }),
  v.object({ kind: v.literal('start'), service: id }),
]);

/** To valibot a list is an object too. */
const isFields = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What each method takes; a request that does not fit is answered with BAD_MESSAGE. */
const params = {
  status: v.object({}),
  advise: v.object({}),
  explain: v.object({ of: id }),
  calibration: v.object({}),
  actions: v.object({ since: v.optional(count) }),
  events: v.object({ since: v.optional(count) }),
  allocation: v.object({}),
  snapshot: v.object({}),
  metrics: v.object({}),
  routingTable: v.object({}),
  logs: v.object({
    services: v.pipe(v.array(id), v.maxLength(1_000)),
    level: v.optional(v.picklist(logLevels)),
    since: v.optional(count),
    cursor: v.optional(v.object({ opened: count, offsets: v.record(v.string(), count) })),
  }),
  history: v.object({
    ...period,
    stepMs: v.optional(v.picklist(stepsMs)),
    services: v.optional(v.pipe(v.array(id), v.maxLength(1_000))),
    figuresOnly: v.optional(v.boolean()),
  }),
  recording: v.object({ ...period, after: v.optional(count) }),
  subscribe: v.object({ everyMs: time, newPoints: v.optional(v.boolean()) }),
  wait: v.object({ timeoutMs: time }),
  plan: v.union([v.object({ request }), v.object({ recommendation: id })]),
  apply: v.object({ id, request, why: text }),
  accept: v.object({ id, recommendation: id, workers: v.optional(count) }),
  inspect: v.object({ service: id }),
  slowest: v.object({ service: id }),
  dismiss: v.object({
    recommendation: id,
    why: text,
    forMs: v.optional(v.pipe(v.number(), v.minValue(1_000), v.maxValue(366 * 86_400_000))),
    isSnoozed: v.optional(v.boolean()),
  }),
  undo: v.object({ action: v.optional(id) }),
  stop: v.object({ timeoutMs: time }),
  reconfigure: v.object({
    services: v.optional(v.pipe(v.array(id), v.minLength(1), v.maxLength(1_000))),
  }),
  differences: v.object({}),
  autopilot: v.object({ mode: v.picklist(autopilotModes) }),
  upgrade: v.object({ entry: text }),
} as const satisfies Record<ControlMethod, v.GenericSchema>;

export const controlMethods = Object.keys(params) as readonly ControlMethod[];

const hello = v.object({
  type: v.literal('hello'),
  version: v.number(),
  role: v.picklist(['viewer', 'operator']),
  actor,
});

const call = v.object({
  type: v.literal('request'),
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  method: v.picklist(controlMethods),
  params: v.custom<object>(isFields, 'Expected an object'),
});

/** A client's message, checked; throws BAD_MESSAGE with what is wrong. */
export const decodeClientMessage = (message: object): ClientMessage => {
  const parsed = v.safeParse(v.variant('type', [hello, call]), message);
  if (!parsed.success) throw badMessage('The client', problemOf(parsed.issues));
  if (parsed.output.type === 'hello') return parsed.output;
  const checked = v.safeParse(params[parsed.output.method], parsed.output.params);
  if (!checked.success) throw badMessage('The client', problemOf(checked.issues));
  return { ...parsed.output, params: checked.output };
};

type Issue = {
  readonly message: string;
  readonly path?: readonly { readonly key?: unknown }[] | undefined;
};

const problemOf = ([issue]: readonly Issue[]): string => {
  const path = issue?.path?.map(({ key }) => String(key)).join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'unreadable'}`;
};

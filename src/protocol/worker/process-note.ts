import * as v from 'valibot';
import type { ProcessNote } from './succession.ts';

const schema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  started: v.string(),
  runId: v.string(),
  incarnation: v.string(),
  isForeign: v.exactOptional(v.literal(true)),
  workerId: v.string(),
  group: v.string(),
  services: v.array(v.string()),
  rpcPath: v.string(),
  httpPath: v.string(),
  /** The port of its own that a command listens on. */
  port: v.exactOptional(v.number()),
  /** The ports whose descriptors it hands on; of an earlier version all, by their position. */
  held: v.exactOptional(v.array(v.number())),
  /** Those that it accepts on; of an earlier version all that its services, or the ingress, have. */
  doors: v.exactOptional(v.array(v.number())),
  logFile: v.string(),
  startedAt: v.number(),
  restarts: v.number(),
});

/** What a supervisor notes of each process that it starts, for the one that comes after it. */
export type Note = ProcessNote & Readonly<v.InferOutput<typeof schema>>;

/** Undefined for what is no whole note: it names no process of ours. */
export const decodeNote = (value: unknown): Note | undefined => {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
};

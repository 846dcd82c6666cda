import type { DatabaseSync } from 'node:sqlite';
import { initialMemory, type Memory } from '../../advisor/memory/memory.ts';
import { encodeMemory } from '../../advisor/memory/persist.ts';
import type { AdvisorInput } from '../../advisor/replay/input.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import { stateUnreadable } from '../../protocol/errors.ts';
import type {
  HistoryPage,
  HistoryQuery,
  HistoryRecord,
  RecordingPage,
  RecordingQuery,
} from '../../protocol/history/messages.ts';
import type { Moment } from '../../protocol/history/series.ts';
import { instant, megabytes, minutes } from '../../protocol/units.ts';
import { keepWithin } from './budget.ts';
import { queryHistory } from './query.ts';
import {
  addChunks,
  type Chunk,
  type Input,
  queryRecording,
  recordingSchema,
  toChunk,
  toInput,
} from './recording.ts';
import { addRecords, eventsIn, lastEvents, recordSchema } from './records.ts';
import { addSecond, ringSchema, startOf } from './rings.ts';
import { loadMemory, memorySchema, saveAll, saveSome } from './saved-memory.ts';
import { Store } from './store.ts';

export type HistoryOptions = {
  readonly file: string;
  readonly onTrouble: (severity: 'ok' | 'warning', text: string) => void;
};

export const historySchema = `${ringSchema} ${recordSchema} ${recordingSchema} ${memorySchema}`;
const historyVersion = 1;

const chunkSeconds = 10;
/** A replay begins at a note: it need not begin long before what is asked for. */
const noteEveryMs = minutes(15);
const budget = megabytes(256);
const tidyEverySeconds = 60;
/** What waits for room on a full disk, at most: ten minutes of inputs. What is older is lost. */
const mostRecords = 1_000;
const mostChunks = 60;

/**
 * What was seen, what was said, what the advisor was given and knows: once a second in one
 * transaction. It outlives the supervisor, and nothing waits for it.
 */
export class History implements Disposable {
  readonly #options: HistoryOptions;
  readonly #store: Store;
  readonly #records: HistoryRecord[] = [];
  readonly #chunks: Chunk[] = [];
  #inputs: Input[] = [];
  #chunkAt = 0;
  #notedAt = Number.NEGATIVE_INFINITY;
  #seconds = 0;

  constructor(options: HistoryOptions) {
    const { file, onTrouble } = options;
    const what = 'the history';
    const schema = historySchema;
    this.#options = options;
    this.#store = new Store({ file, schema, version: historyVersion, what, onTrouble });
  }

  /** What the advisor knew when it was last saved. */
  loadMemory(at: number): Memory {
    const loaded = this.#store.attempt((database) => loadMemory(database, at));
    const { memory, lost } = loaded ?? { memory: initialMemory, lost: [] };
    this.#note(memory, { at, isNote: false });
    if (lost.length > 0) {
      const text = `what the advisor knew of ${lost.join(', ')} cannot be read: it learns anew`;
      this.#options.onTrouble('warning', text);
    }
    return memory;
  }

  /** The last things that happened, oldest first. */
  lastEvents(count: number): readonly TimelineEvent[] {
    return this.#store.attempt((database) => lastEvents(database, count)) ?? [];
  }

  /** Those since a time, oldest first. */
  eventsSince(at: number): readonly TimelineEvent[] {
    this.#write(() => undefined);
    return this.#read((database) => eventsIn(database, at));
  }

  record(record: HistoryRecord): void {
    this.#records.push(record);
    if (this.#records.length > mostRecords) this.#records.shift();
  }

  input(input: AdvisorInput): void {
    this.#inputs.push(toInput(input));
  }

  /** Once a second. */
  tick(moment: Moment, memory: Memory): void {
    const { at } = moment;
    this.#seconds += 1;
    if (this.#inputs.length > 0 && this.#seconds % chunkSeconds === 0) this.#endChunk(at);
    if (Math.abs(at - this.#notedAt) >= noteEveryMs) this.#note(memory, { at, isNote: true });
    const turn = this.#seconds;
    this.#write((database) => {
      addSecond(database, { ...moment, at: startOf(at, 1_000) });
      saveSome(database, { memory, at, turn });
      if (turn % tidyEverySeconds === 0) keepWithin(database, budget);
    });
  }

  /** Everything, before another supervisor reads it. */
  save(memory: Memory, at: number): void {
    this.#endChunk(at);
    this.#write((database) => saveAll(database, memory, at));
  }

  query(query: HistoryQuery): HistoryPage {
    return this.#read((database) => queryHistory(database, query));
  }

  recording(query: RecordingQuery): RecordingPage {
    // What waits for the end of its ten seconds belongs to what was seen until now.
    if (query.after === undefined) this.#endChunk(Date.now());
    this.#write(() => undefined);
    return this.#read((database) => queryRecording(database, query));
  }

  /** With what happened since it was saved. */
  [Symbol.dispose](): void {
    this.#write(() => undefined);
    this.#store[Symbol.dispose]();
  }

  #note(memory: Memory, { at, isNote }: { readonly at: number; readonly isNote: boolean }): void {
    this.#endChunk(at);
    this.#notedAt = at;
    this.input({ type: 'memory', at: instant(at), isNote, text: encodeMemory(memory) });
  }

  #endChunk(at: number): void {
    if (this.#inputs.length > 0) this.#chunks.push(toChunk(this.#chunkAt, this.#inputs));
    this.#inputs = [];
    this.#chunkAt = at;
    if (this.#chunks.length > mostChunks) this.#chunks.shift();
  }

  /** Together with what waits; that goes on waiting when it is not taken. */
  #write(change: (database: DatabaseSync) => void): void {
    const isDone = this.#store.write((database) => {
      if (this.#records.length > 0) addRecords(database, this.#records);
      if (this.#chunks.length > 0) addChunks(database, this.#chunks);
      change(database);
    });
    if (!isDone) return;
    this.#records.length = 0;
    this.#chunks.length = 0;
  }

  #read<T>(read: (database: DatabaseSync) => T): T {
    const found = this.#store.attempt(read);
    if (found === undefined) throw stateUnreadable('history.db', 'it cannot be used now');
    return found;
  }
}

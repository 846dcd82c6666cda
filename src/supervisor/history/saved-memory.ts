import type { DatabaseSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { initialMemory, type Memory } from '../../advisor/memory/memory.ts';
import { decodeMemory, encodeMemory } from '../../advisor/memory/persist.ts';
import { shiftMemory } from '../../advisor/memory/shift.ts';
import { ms } from '../../protocol/units.ts';
import { compressed } from './compressed.ts';
import { bytesOf } from './rings.ts';

export const memorySchema = `
  CREATE TABLE IF NOT EXISTS saved (part TEXT PRIMARY KEY, at INTEGER NOT NULL, value BLOB NOT NULL);
`;

/** What is not of one service; no service has this name. */
const restPart = '';
/** So many seconds until each service has had its turn: half an hour of one takes time to write. */
const turns = 10;

/** It is written again and again, and read once. */
const fastest = 1;

type Turn = { readonly memory: Memory; readonly at: number; readonly turn: number };

/** Saves what is short, and those services whose turn it is. */
export const saveSome = (database: DatabaseSync, { memory, at, turn }: Turn): void => {
  savePart(database, restPart, { memory: { ...memory, services: {} }, at });
  for (const [index, [name, known]] of Object.entries(memory.services).entries()) {
    if (index % turns !== turn % turns) continue;
    savePart(database, name, { memory: { ...initialMemory, services: { [name]: known } }, at });
  }
};

/** Saves everything, and forgets the services that are no more. */
export const saveAll = (database: DatabaseSync, memory: Memory, at: number): void => {
  database.exec('DELETE FROM saved');
  for (let turn = 0; turn < turns; turn += 1) saveSome(database, { memory, at, turn });
};

const savePart = (
  database: DatabaseSync,
  part: string,
  { memory, at }: { readonly memory: Memory; readonly at: number },
): void => {
  database
    .prepare('INSERT OR REPLACE INTO saved (part, at, value) VALUES (?, ?, ?)')
    .run(part, Math.floor(at), compressed(encodeMemory(memory), fastest));
};

export type Loaded = {
  readonly memory: Memory;
  /** Services whose part could not be read, and `the rest`. */
  readonly lost: readonly string[];
};

/** Undefined when nothing was saved. A part that cannot be read costs itself alone. */
export const loadMemory = (database: DatabaseSync, at: number): Loaded | undefined => {
  const rows = database.prepare('SELECT part, at, value FROM saved ORDER BY part').all();
  if (rows.length === 0) return undefined;
  const parts = rows.map((row) => ({ name: String(row['part']), memory: memoryIn(row) }));
  const rest = parts.find(({ name }) => name === restPart)?.memory ?? initialMemory;
  const services = parts.map(({ memory }) => memory?.services ?? {});
  const memory: Memory = { ...rest, services: Object.assign({}, ...services) };
  const savedAt = Math.max(...rows.map((row) => Number(row['at'])));
  return {
    // The clock has gone back since: what was just now must not lie in the future.
    memory: savedAt > at ? shiftMemory(memory, ms(at - savedAt)) : memory,
    lost: parts.flatMap(({ name, memory: read }) =>
      read !== undefined ? [] : [name === restPart ? 'the rest' : name],
    ),
  };
};

const memoryIn = (row: Readonly<Record<string, unknown>>): Memory | undefined => {
  try {
    const memory = decodeMemory(zstdDecompressSync(bytesOf(row)).toString());
    return memory === initialMemory ? undefined : memory;
  } catch {
    // Not what this version writes.
    return undefined;
  }
};

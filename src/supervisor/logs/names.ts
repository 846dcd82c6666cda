import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appFiles } from '../../protocol/app-files.ts';
import { type Stream, spoolFile } from '../../protocol/logs.ts';

/** A byte-exact copy of a stream from `from` on; with its size that says how far the copy is. */
export type SegmentName = Stream & { readonly from: number };

export const logsDir = appFiles.logs;

let latest = 0;

/** The file that a process about to start writes to. No two starts are the same. */
export const newSpool = (logs: string, worker: string): string => {
  latest = Math.max(Date.now(), latest + 1);
  return spoolFile(logs, { worker, start: latest });
};

/**
 * The same, of a process of the app in this folder. Throws when the folder is gone: a new one in its
 * place would be in the way of who moves it back.
 */
export const spoolIn = (app: string, worker: string): string => {
  if (!existsSync(app)) throw new Error(`${app} is gone`);
  return newSpool(logsDir(app), worker);
};

export const parseSpool = (name: string): Stream | undefined => {
  const [, worker, start] = /^(.+)~(\d+)\.log$/.exec(name) ?? [];
  return worker === undefined ? undefined : { worker, start: Number(start) };
};

/** Padded, so that the names of a stream sort like its bytes. */
export const segmentFile = (logs: string, { worker, start, from }: SegmentName): string =>
  join(logs, worker, `${start}~${String(from).padStart(15, '0')}.log`);

export const parseSegment = (worker: string, name: string): SegmentName | undefined => {
  const [, start, from] = /^(\d+)~(\d{15})\.log$/.exec(name) ?? [];
  return start === undefined ? undefined : { worker, start: Number(start), from: Number(from) };
};

export const indexFile = (segment: string): string => segment.replace(/\.log$/, '.index');

export const streamKey = ({ worker, start }: Stream): string => `${worker}~${start}`;

/** `main#1` → `main`; a worker of one service carries that service's name. */
export const groupOf = (worker: string): string =>
  worker.replace(/#\d+$/, '').replace(/^_isolated:/, '');

/** What people may call it whose output a worker's is: its group or service, or the worker. */
export const namesOf = (worker: string): readonly string[] => [
  groupOf(worker),
  worker.replace(/^_isolated:/, ''),
  worker,
];

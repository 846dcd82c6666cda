import { unknownService } from '../../../protocol/errors.ts';
import {
  type LogLevel,
  type LogLine,
  type LogPage,
  type LogQuery,
  logLevels,
} from '../../../protocol/logs.ts';
import { listStreams } from '../catalog.ts';
import { groupOf, namesOf } from '../names.ts';
import { Merge } from './merge.ts';

/** A page ends at whichever comes first: enough lines, enough text, or enough looked at. */
const pageLines = 5_000;
const pageBytes = 256 * 1024;
const scanBytes = 8 * 1024 * 1024;

/** The next lines of an app, straight from its files; whether a supervisor runs does not matter. */
export const readPage = async (logs: string, query: LogQuery): Promise<LogPage> => {
  await using merge = new Merge(logs, query, listStreams(logs));
  const matches = toFilter(query);
  const lines: LogLine[] = [];
  let bytes = 0;
  while (lines.length < pageLines && bytes < pageBytes && merge.scannedBytes < scanBytes) {
    const line = await merge.next();
    if (line === undefined) return { lines, cursor: merge.cursor, isCaughtUp: true };
    if (!matches(line)) continue;
    lines.push(line);
    bytes += line.line.length;
  }
  return { lines, cursor: merge.cursor, isCaughtUp: false };
};

/** The same, after a look at the names: a misspelt one is an error and not an empty answer. */
export const queryLogs = async (
  logs: string,
  query: LogQuery,
  services: readonly string[],
): Promise<LogPage> => {
  if (query.cursor === undefined && query.services.length > 0) {
    const workers = new Set(listStreams(logs).map(({ worker }) => worker));
    const known = new Set([...services, ...[...workers].flatMap(namesOf)]);
    const wrong = query.services.find((name) => !known.has(name));
    const groups = [...workers].map(groupOf);
    if (wrong !== undefined) throw unknownService(wrong, [...new Set([...services, ...groups])]);
  }
  return readPage(logs, query);
};

const toFilter = ({ services, level, since }: LogQuery): ((line: LogLine) => boolean) => {
  const names = new Set(services);
  const least = rankOf(level ?? 'debug');
  return ({ service, worker, level: own, time }) =>
    (names.size === 0 || [service, ...namesOf(worker)].some((name) => names.has(name))) &&
    rankOf(own ?? 'info') >= least &&
    (since === undefined || Date.parse(time) >= since);
};

const rankOf = (level: LogLevel): number => logLevels.indexOf(level);

import type { LogCursor, LogLine } from '../../protocol/logs.ts';
import type { State } from '../state/state.ts';
import type { Link } from './link.ts';

/** How far back is read at first, and how far when that is too much to be read. */
const fromAgoMs = [15 * 60_000, 20_000] as const;
/** A long log is caught up in so many steps, and keys are answered in between. */
const pagesAtOnce = 20;
/** A moment of the past is read with so much around it, so that a step seldom reads. */
const aroundMs = 10_000;

/** Of these services; up to a moment when the past is shown. */
export type WantedLogs = { readonly services: readonly string[]; readonly until?: number };

/** The logs that are on the screen; undefined when none are. */
export const wantedLogs = (state: State): WantedLogs | undefined => {
  const services = wantedServices(state);
  const { replay } = state;
  if (services === undefined || replay?.file !== undefined) return undefined;
  if (replay === undefined) return { services };
  return { services, until: Math.ceil(replay.at / aroundMs) * aroundMs };
};

const wantedServices = ({ view }: State): readonly string[] | undefined => {
  switch (view.type) {
    case 'logs':
      return view.services;
    case 'service':
      return view.tab === 'overview' || view.tab === 'logs' ? [view.name] : undefined;
    case 'main':
    case 'actions':
      return undefined;
  }
};

export type LogsRead = { readonly lines: readonly LogLine[]; readonly isNew: boolean };

/** Reads on in the logs that are looked at; other ones begin anew. */
export class LogFeed {
  #key = '';
  #cursor: LogCursor | undefined;
  #isReading = false;

  /** What has come since the last time; undefined when there is nothing to read, or not yet. */
  async read(link: Link, wanted: WantedLogs): Promise<LogsRead | undefined> {
    if (this.#isReading) return undefined;
    const { services, until } = wanted;
    const key = `${services.join(' ')} ${until ?? 'now'}`;
    const isNew = key !== this.#key;
    if (!isNew && until !== undefined) return undefined;
    if (isNew) this.#cursor = undefined;
    this.#key = key;
    this.#isReading = true;
    try {
      const lines = until === undefined ? this.#pages(link, services) : past(link, wanted, until);
      return { lines: await lines, isNew };
    } catch (error) {
      this.#key = '';
      throw error;
    } finally {
      this.#isReading = false;
    }
  }

  async #pages(link: Link, services: readonly string[]): Promise<readonly LogLine[]> {
    const from = this.#cursor ?? Date.now() - fromAgoMs[0];
    const { lines, cursor } = await pages(link, { services }, from);
    this.#cursor = cursor;
    return lines;
  }
}

/** The lines up to a moment. */
const past = async (link: Link, wanted: WantedLogs, until: number): Promise<readonly LogLine[]> => {
  let lines: readonly LogLine[] = [];
  for (const ago of fromAgoMs) {
    const read = await pages(link, wanted, until - ago);
    lines = read.lines;
    if (read.isWhole) break;
  }
  return lines;
};

type Pages = {
  readonly lines: readonly LogLine[];
  readonly cursor: LogCursor | undefined;
  /** There is nothing more, or what is there is later. */
  readonly isWhole: boolean;
};

const pages = async (
  link: Link,
  { services, until = Number.POSITIVE_INFINITY }: WantedLogs,
  from: number | LogCursor,
): Promise<Pages> => {
  const lines: LogLine[] = [];
  let cursor = typeof from === 'number' ? undefined : from;
  for (let page = 0; page < pagesAtOnce; page += 1) {
    const since = typeof from === 'number' ? { since: from } : {};
    const query = { services, ...(cursor === undefined ? since : { cursor }) };
    const read = await link.logs(query);
    cursor = read.cursor;
    lines.push(...read.lines);
    const last = read.lines.at(-1)?.time;
    if (read.isCaughtUp || (last !== undefined && Date.parse(last) > until)) {
      return { lines, cursor, isWhole: true };
    }
  }
  return { lines, cursor, isWhole: false };
};

import { type LogCursor, type LogLine, supervisorName } from '../protocol/logs.ts';
import type { Link } from './link.ts';
import type { State } from './state/state.ts';

const fromAgoMs = 15 * 60_000;
/** A long log is caught up in so many steps, and keys are answered in between. */
const pagesAtOnce = 20;

/** The services whose logs are on the screen; undefined when none are. */
export const wantedLogs = ({ view }: State): readonly string[] | undefined => {
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

  /** What has come since the last time; undefined when a reading is still under way. */
  async read(link: Link, services: readonly string[]): Promise<LogsRead | undefined> {
    if (this.#isReading) return undefined;
    const key = services.join(' ');
    const isNew = key !== this.#key;
    if (isNew) this.#cursor = undefined;
    this.#key = key;
    this.#isReading = true;
    try {
      return { lines: await this.#pages(link, services), isNew };
    } finally {
      this.#isReading = false;
    }
  }

  async #pages(link: Link, services: readonly string[]): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    const since = Date.now() - fromAgoMs;
    for (let page = 0; page < pagesAtOnce; page += 1) {
      const query = { services, ...(this.#cursor ? { cursor: this.#cursor } : { since }) };
      const { lines: more, cursor, isCaughtUp } = await link.logs(query);
      lines.push(
        ...more.filter(({ service }) => service !== supervisorName || services.length > 0),
      );
      this.#cursor = cursor;
      if (isCaughtUp) break;
    }
    return lines;
  }
}

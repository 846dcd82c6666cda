import type { LogPage, LogQuery } from '../../protocol/logs.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { attach, doWithout, findConfig, findFolder, type Target } from '../target.ts';

/**
 * Reads logs from the supervisor, or from the files themselves when none answers: after a start
 * that failed, and while a follower outlives its supervisor. A cursor holds for both.
 */
export class LogSource implements Disposable {
  readonly #target: Target;
  #client: ControlClient | undefined;

  static async open(target: Target): Promise<LogSource> {
    const source = new LogSource(target);
    source.#client = await attach(target).catch((error: unknown) => doWithout(target, error));
    return source;
  }

  private constructor(target: Target) {
    this.#target = target;
  }

  async read(query: LogQuery): Promise<LogPage> {
    try {
      if (this.#client !== undefined) return await this.#client.request('logs', query);
    } catch (error) {
      this.#client = doWithout(this.#target, error);
    }
    return readFiles(this.#target, query);
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }
}

const readFiles = async (target: Target, query: LogQuery): Promise<LogPage> => {
  const { logsDir } = await import('../../supervisor/logs/names.ts');
  const { queryLogs, readPage } = await import('../../supervisor/logs/reader/read-page.ts');
  const logs = logsDir(await findFolder(target));
  if (query.cursor !== undefined || query.services.length === 0) return readPage(logs, query);
  const services = await servicesOf(target);
  return services === undefined ? readPage(logs, query) : queryLogs(logs, query, services);
};

/** Undefined when the config is what keeps the app from starting, or not there: any name may be right. */
const servicesOf = async (target: Target): Promise<readonly string[] | undefined> => {
  const { loadConfig } = await import('../../supervisor/config/load-config.ts');
  try {
    return (await loadConfig({ file: findConfig(target) })).services.map(({ name }) => name);
  } catch {
    // `forge start` says what is wrong with it; here only the logs are asked for.
    return undefined;
  }
};

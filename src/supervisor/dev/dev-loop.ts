import type { AppConfig } from '../config/app-config.ts';
import { appEnvFiles } from '../config/env-files.ts';
import { builtFolder, watchFiles } from './file-watch.ts';
import { affectedBy, builtInto, type ModuleGraph, moduleGraph } from './module-graph.ts';

export type DevLoopParts = {
  readonly config: AppConfig;
  /** Reads the config of these services anew, and the files with their variables. */
  readonly takeUp: (services: readonly string[]) => Promise<void>;
  /** Replaces the workers of a service; throws when the new code does not start. */
  readonly reload: (service: string) => Promise<unknown>;
  readonly groupOf: (service: string) => string | undefined;
  readonly say: (text: string) => void;
};

/** Replaces the services whose files change; the last good version serves while one is broken. */
export class DevLoop implements Disposable {
  readonly #parts: DevLoopParts;
  readonly #watching = new DisposableStack();
  #graph: ModuleGraph;
  #pending = new Set<string>();
  /** Services of which variables have changed. */
  readonly #toTakeUp = new Set<string>();
  #running: Promise<void> | undefined;

  private constructor(parts: DevLoopParts, graph: ModuleGraph) {
    this.#parts = parts;
    this.#graph = graph;
  }

  static async start(parts: DevLoopParts): Promise<DevLoop> {
    const { services, directory } = parts.config;
    const loop = new DevLoop(parts, await moduleGraph(services, directory));
    const watching = await watchFiles(directory, {
      changed: (files) => loop.#changed(files),
      failed: (error) =>
        parts.say(`not every file is watched (${String(error)}): see \`forge doctor\``),
      also: services.flatMap(({ envFiles = [] }) => envFiles.map(({ file }) => file)),
      withBuilt: builtInto(services, builtFolder),
    });
    loop.#watching.use(watching);
    return loop;
  }

  [Symbol.dispose](): void {
    this.#watching.dispose();
  }

  #changed(files: ReadonlySet<string>): void {
    for (const name of affectedBy(files, this.#graph, this.#parts.config.services)) {
      this.#pending.add(name);
    }
    for (const name of withVariablesIn(files, this.#parts.config)) {
      this.#pending.add(name);
      this.#toTakeUp.add(name);
    }
    if (files.has(this.#parts.config.file)) {
      this.#parts.say('the config has changed: end this, and start it again');
    }
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  /** What changes while services are replaced is taken up afterwards. */
  async #work(): Promise<void> {
    const { groupOf, config } = this.#parts;
    while (this.#pending.size > 0) {
      const pending = [...this.#pending];
      this.#pending = new Set();
      const names = await this.#takeUp(pending);
      const groups = Map.groupBy(names, (name) => groupOf(name) ?? name);
      for (const [group, members] of groups) await this.#replace(group, members);
      this.#graph = await moduleGraph(config.services, config.directory);
    }
  }

  /** Those that can be replaced: with a file of variables that cannot be used nothing starts. */
  async #takeUp(pending: readonly string[]): Promise<readonly string[]> {
    const names = pending.filter((name) => this.#toTakeUp.has(name));
    if (names.length === 0) return pending;
    try {
      await this.#parts.takeUp(names);
      for (const name of names) this.#toTakeUp.delete(name);
      return pending;
    } catch (error) {
      this.#sayBroken(names, error);
      return pending.filter((name) => !names.includes(name));
    }
  }

  #sayBroken(names: readonly string[], error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#parts.say(`✗ ${names.join(', ')}: ${why} (still serving the last good version)`);
  }

  async #replace(group: string, members: readonly string[]): Promise<void> {
    const startedAt = performance.now();
    const [first = group] = members;
    try {
      await this.#parts.reload(first);
      this.#parts.say(`↻ ${members.join(', ')} ${(performance.now() - startedAt).toFixed(0)} ms`);
    } catch (error) {
      this.#sayBroken(members, error);
    }
  }
}

/** The services that take variables from one of these files. */
const withVariablesIn = (
  files: ReadonlySet<string>,
  { directory, services }: AppConfig,
): readonly string[] => {
  const isForAll = appEnvFiles(directory).some((file) => files.has(file));
  return services
    .filter(({ envFiles = [] }) => isForAll || envFiles.some(({ file }) => files.has(file)))
    .map(({ name }) => name);
};

import type { AppConfig } from '../config/app-config.ts';
import { builtFolder, watchFiles } from './file-watch.ts';
import { affectedBy, builtInto, type ModuleGraph, moduleGraph } from './module-graph.ts';

export type DevLoopParts = {
  readonly config: AppConfig;
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
      const names = [...this.#pending];
      this.#pending = new Set();
      const groups = Map.groupBy(names, (name) => groupOf(name) ?? name);
      for (const [group, members] of groups) await this.#replace(group, members);
      this.#graph = await moduleGraph(config.services, config.directory);
    }
  }

  async #replace(group: string, members: readonly string[]): Promise<void> {
    const startedAt = performance.now();
    const [first = group] = members;
    const names = members.join(', ');
    try {
      await this.#parts.reload(first);
      this.#parts.say(`↻ ${names} ${(performance.now() - startedAt).toFixed(0)} ms`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.say(`✗ ${names}: ${why} (still serving the last good version)`);
    }
  }
}

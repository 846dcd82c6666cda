import { isDeepStrictEqual } from 'node:util';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { AppConfig } from '../config/app-config.ts';
import { appEnvFiles } from '../config/env-files.ts';
import { builtFolder, watchFiles } from './file-watch.ts';
import { affectedBy, builtInto, type ModuleGraph, moduleGraph } from './module-graph.ts';

export type DevLoopParts = {
  /** The one that runs. */
  readonly config: () => AppConfig;
  /** Reads the config anew, and the files with variables; of only some services if they are named. */
  readonly takeUp: (services?: readonly string[]) => Promise<void>;
  /** Replaces the workers of a group, one of whose services is named; throws when the new code does not start. */
  readonly reload: (group: string, service: string) => Promise<void>;
  /** Has a `reload` that waits for new workers fail now. */
  readonly giveUp: (group: string) => void;
  readonly groupOf: (service: string) => string | undefined;
  readonly say: (text: string) => void;
};

/** Who saves something wants to see it: a start that takes longer is told of. */
const soonMs = 3_000;
const lastServes = '(still serving the last good version)';

/** Replaces the services whose files change; the last good version serves while one is broken. */
export class DevLoop implements Disposable {
  readonly #parts: DevLoopParts;
  readonly #watching = new DisposableStack();
  #graph: ModuleGraph;
  #pending = new Set<string>();
  /** Services of which variables have changed. */
  readonly #toTakeUp = new Set<string>();
  #hasNewConfig = false;
  /** The group whose workers are being replaced, and whether that was given up. */
  #replacing: { readonly group: string; isVain: boolean } | undefined;
  #running: Promise<void> | undefined;

  private constructor(parts: DevLoopParts, graph: ModuleGraph) {
    this.#parts = parts;
    this.#graph = graph;
  }

  static async start(parts: DevLoopParts): Promise<DevLoop> {
    const { services, directory } = parts.config();
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
    const config = this.#parts.config();
    for (const name of affectedBy(files, this.#graph, config.services)) this.#await(name);
    for (const name of withVariablesIn(files, config)) {
      this.#await(name);
      this.#toTakeUp.add(name);
    }
    this.#hasNewConfig ||= files.has(config.file);
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  /** What is being started of it by now is old already. */
  #await(service: string): void {
    this.#pending.add(service);
    const group = this.#parts.groupOf(service);
    if (this.#replacing === undefined || this.#replacing.group !== group) return;
    this.#replacing.isVain = true;
    this.#parts.giveUp(group);
  }

  /** What changes while services are replaced is taken up afterwards. */
  async #work(): Promise<void> {
    const { groupOf } = this.#parts;
    while (this.#pending.size > 0 || this.#hasNewConfig) {
      if (this.#hasNewConfig) await this.#takeUpConfig();
      const pending = [...this.#pending];
      this.#pending = new Set();
      const names = await this.#takeUp(pending);
      const groups = Map.groupBy(names, (name) => groupOf(name) ?? name);
      for (const [group, members] of groups) await this.#replace(group, members);
      const { services, directory } = this.#parts.config();
      this.#graph = await moduleGraph(services, directory);
    }
  }

  async #takeUpConfig(): Promise<void> {
    this.#hasNewConfig = false;
    const before = this.#parts.config();
    try {
      await this.#parts.takeUp();
      const after = this.#parts.config();
      for (const name of changedIn(before, after)) this.#pending.add(name);
      this.#parts.say('↻ config');
    } catch (error) {
      const { message, remedy } = toErrorData(error);
      this.#parts.say(`✗ config: ${message} (the one before goes on)\n  → ${remedy}`);
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
    this.#parts.say(`✗ ${names.join(', ')}: ${why} ${lastServes}`);
  }

  async #replace(group: string, members: readonly string[]): Promise<void> {
    const { say, reload } = this.#parts;
    const startedAt = performance.now();
    const [first = group] = members;
    const names = members.join(', ');
    const replacing = { group, isVain: false };
    this.#replacing = replacing;
    const late = setTimeout(() => say(`… ${names} is not ready yet ${lastServes}`), soonMs);
    try {
      await reload(group, first);
      say(`↻ ${names} ${(performance.now() - startedAt).toFixed(0)} ms`);
    } catch (error) {
      if (!replacing.isVain) this.#sayBroken(members, error);
    } finally {
      clearTimeout(late);
      this.#replacing = undefined;
    }
  }
}

/** Services that run on, and of which the config says something else now. */
const changedIn = (before: AppConfig, after: AppConfig): readonly string[] => {
  const known = new Map(before.services.map((service) => [service.name, service]));
  return after.services
    .filter((service) => {
      const old = known.get(service.name);
      return old !== undefined && !isDeepStrictEqual(old, service);
    })
    .map(({ name }) => name);
};

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

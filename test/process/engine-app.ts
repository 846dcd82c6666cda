import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/supervisor/config/load-config.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { Engine, type EngineOptions } from '../../src/supervisor/engine.ts';
import { untilIn } from '../helpers/engine-until.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/apps');

export type TestApp = AsyncDisposable & {
  readonly engine: Engine;
  readonly directory: string;
  readonly runDir: string;
  /** Resolves when the condition holds; looks whenever the engine changes. */
  until(holds: () => boolean): Promise<void>;
  statusOf(service: string): string | undefined;
  workersOf(service: string): readonly string[];
  /** Processes of this app that still live. */
  processes(): readonly string[];
};

/** A copy of the shop in a folder of its own, started with stand-in workers. */
export const startShop = async (
  services?: Readonly<Record<string, object>>,
  options: Partial<EngineOptions> = {},
): Promise<TestApp> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  cpSync(join(fixtures, 'shop'), directory, { recursive: true });
  const runDir = join(directory, 'run');
  const config =
    services === undefined
      ? await loadConfig({ directory })
      : parseConfig(
          { app: 'shop', services },
          { file: 'forge.config.mjs', directory, budget: { cores: 2 }, exists: existsSync },
        );
  const workerFile = join(fixtures, 'stand-in-worker.mjs');
  const engine = await Engine.start(config, {
    runDir,
    workerFile,
    ingressFile: workerFile,
    ...options,
  }).catch((error: unknown) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  const find = (name: string) => engine.services().find(({ config }) => config.name === name);
  return {
    engine,
    directory,
    runDir,
    until: untilIn(engine),
    statusOf: (service) => find(service)?.status,
    workersOf: (service) => find(service)?.workers.map(({ id }) => id) ?? [],
    processes: () => processesNaming(runDir),
    [Symbol.asyncDispose]: async () => {
      await engine.stop(5_000);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const processesNaming = (text: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
      } catch {
        // It ended while we looked, or belongs to someone else.
        return false;
      }
    });

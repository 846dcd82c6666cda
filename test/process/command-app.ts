import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { Engine, type EngineOptions } from '../../src/supervisor/engine.ts';
import { untilIn } from '../helpers/engine-until.ts';
import type { ClientPlan } from '../helpers/traffic.ts';

const source = resolve(import.meta.dirname, '../fixtures/apps/commands');

export type CommandApp = AsyncDisposable & {
  readonly engine: Engine;
  readonly directory: string;
  /** Where clients find a command. */
  readonly url: (command: string) => string;
  readonly pids: (command: string) => readonly number[];
  /** Resolves when the condition holds; looks whenever the engine changes. */
  readonly until: (holds: () => boolean) => Promise<void>;
};

/** Starts these commands in a copy of the fixture, with a real ingress. */
export const startCommands = async (
  services: Readonly<Record<string, object>>,
  options: Partial<EngineOptions> = {},
): Promise<CommandApp> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  cpSync(source, directory, { recursive: true });
  const around = { file: 'forge.config.mjs', directory, budget: { cores: 2 }, exists: existsSync };
  const config = parseConfig({ app: 'commands', services }, around);
  const engine = await Engine.start(config, { runDir: join(directory, 'run'), ...options });
  const find = (name: string) => engine.services().find((one) => one.config.name === name);
  return {
    engine,
    directory,
    url: (command) => `http://127.0.0.1:${engine.front.portOf(command)}`,
    pids: (command) => find(command)?.workers.map(({ pid }) => pid) ?? [],
    until: untilIn(engine),
    [Symbol.asyncDispose]: async () => {
      await engine.stop(5_000);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Clients that keep their connections, and clients that open one for each request. */
export const clientsOf = (path: string, each = 4): readonly ClientPlan[] => [
  { kind: 'keep-alive', path, clients: each },
  { kind: 'new-connection', path, clients: each },
];

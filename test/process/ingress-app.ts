import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { Engine } from '../../src/supervisor/engine.ts';
import { untilIn } from '../helpers/engine-until.ts';

const root = resolve(import.meta.dirname, '../..');

/** As users have them: built, they start three times as fast. */
export const builtFiles = {
  workerFile: join(root, 'dist/sdk/worker/main.js'),
  ingressFile: join(root, 'dist/supervisor/ingress/main.js'),
};

export type Fact = Readonly<Record<string, string | number>>;

export type IngressApp = AsyncDisposable & {
  readonly engine: Engine;
  readonly origin: string;
  readonly directory: string;
  /** What the services wrote down. */
  readonly ledger: () => readonly Fact[];
  readonly pidsOf: (service: string) => readonly number[];
  readonly statusesOf: (service: string) => readonly string[];
  readonly until: (holds: () => boolean) => Promise<void>;
};

export type TrafficFolder = {
  readonly directory: string;
  readonly ledgerFile: string;
  /** What its `forge.config` would export. */
  readonly config: object;
  readonly remove: () => void;
};

/** A copy of the traffic app in a folder of its own. */
export const trafficFolder = (
  services: Readonly<Record<string, object>>,
  http: object = {},
): TrafficFolder => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  const ledgerFile = join(directory, 'ledger.jsonl');
  cpSync(join(root, 'test/fixtures/apps/traffic'), directory, { recursive: true });
  mkdirSync(join(directory, 'run'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/threadforge'));
  symlinkSync(join(root, 'node_modules/ws'), join(directory, 'node_modules/ws'));
  const env = { LEDGER: ledgerFile };
  const withLedger = Object.entries(services).map(([name, each]) => [name, { ...each, env }]);
  return {
    directory,
    ledgerFile,
    config: { app: 'traffic', http, services: Object.fromEntries(withLedger) },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** Real workers behind a real ingress, in a folder of their own. */
export const startIngressApp = async (
  services: Readonly<Record<string, object>>,
  http: object = {},
): Promise<IngressApp> => {
  const { directory, ledgerFile, config: raw, remove } = trafficFolder(services, http);
  const around = { file: 'forge.config.mjs', directory, budget: { cores: 2 }, exists: existsSync };
  const config = parseConfig(raw, around);
  const options = { runDir: join(directory, 'run'), httpPort: 0, ...builtFiles };
  const engine = await Engine.start(config, options).catch((error: unknown) => {
    remove();
    throw error;
  });
  await engine.settled();
  const workersOf = (service: string) =>
    engine
      .services()
      .filter(({ config }) => config.name === service)
      .flatMap(({ workers }) => workers);
  return {
    engine,
    origin: `http://127.0.0.1:${engine.front.httpPort}`,
    directory,
    ledger: () => readLines(ledgerFile),
    pidsOf: (service) => workersOf(service).map(({ pid }) => pid),
    statusesOf: (service) => workersOf(service).map(({ status }) => status),
    until: untilIn(engine),
    [Symbol.asyncDispose]: async () => {
      await engine.stop(10_000);
      remove();
    },
  };
};

const readLines = (file: string): readonly Fact[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Fact)
    : [];

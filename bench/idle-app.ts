import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const forge = join(root, 'dist/cli/main.js');

export type IdleApp = AsyncDisposable & {
  /** Of the supervisor. */
  readonly pid: number;
  /** Until all workers were ready. */
  readonly startSeconds: number;
};

export type IdleSize = {
  readonly services: number;
  /** Of each service. */
  readonly workers: number;
  /** How many of the others each service may call. */
  readonly connects?: number;
};

/** Services that do nothing, behind an ingress that nobody asks. */
export const startIdleApp = async (size: IdleSize): Promise<IdleApp> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-idle-'));
  writeApp(directory, size);
  const begun = performance.now();
  const child = spawn(process.execPath, [forge, 'start', '--headless', '--app', directory], {
    env: { ...process.env, FORGE_RUN_DIR: join(directory, 'run') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([ended, new Promise((resolve) => child.stdout.once('data', resolve))]);
  if (child.exitCode !== null) throw new Error(`forge start ended with ${child.exitCode}`);
  return {
    pid: child.pid ?? 0,
    startSeconds: (performance.now() - begun) / 1_000,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const writeApp = (
  directory: string,
  { services: count, workers, connects = 0 }: IdleSize,
): void => {
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/threadforge'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(directory, 'idle.mjs'),
    "import { Service } from 'threadforge';\nexport default class extends Service {}\n",
  );
  const nameOf = (index: number): string => `idle${index % count}`;
  const services = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      nameOf(index),
      {
        entry: './idle.mjs',
        workers,
        connects: Array.from({ length: connects }, (_, next) => nameOf(index + 1 + next)),
      },
    ]),
  );
  const config = { app: 'idle', http: { port: 0 }, services };
  writeFileSync(join(directory, 'forge.config.json'), JSON.stringify(config));
};

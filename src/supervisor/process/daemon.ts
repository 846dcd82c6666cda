import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appFiles } from '../../protocol/app-files.ts';
import { supervisorName } from '../../protocol/logs.ts';
import { notStarted, stoppedMeanwhile } from '../../protocol/start-errors.ts';
import { prepareFolder } from '../host/writable-folder.ts';
import { logsDir, newSpool } from '../logs/names.ts';
import { oneArena } from '../small-process.ts';

const main = (): string => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../cli/main.${extension}`, import.meta.url));
};

/**
 * Starts a supervisor that outlives this command, and answers its ready line; throws what it said
 * when it ends before. Until then it is of this command: signals are passed on, and undefined is the
 * answer when they have ended it. Its output goes to a file like a worker's, so that nothing breaks when the
 * terminal is gone.
 */
export const launchDaemon = async (
  directory: string,
  options: readonly string[],
): Promise<string | undefined> => {
  prepareFolder(appFiles.folder(directory));
  const log = newSpool(logsDir(directory), supervisorName);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [main(), 'start', '--headless', ...options], {
    detached: true,
    env: { ...process.env, ...oneArena(process.env) },
    stdio: ['ignore', 'pipe', output],
  });
  closeSync(output);
  const exitCode = once(child, 'exit').then(([code]: readonly unknown[]) => code);
  using signals = passOn(child);
  const line = child.stdout === null ? undefined : await firstLine(child.stdout);
  if (line === undefined) {
    const code = await exitCode;
    if (signals.hasCome()) return undefined;
    throw code === 0 ? stoppedMeanwhile() : notStarted(readFileSync(log, 'utf8'), code);
  }
  child.stdout?.destroy();
  child.unref();
  return line;
};

const ending = ['SIGINT', 'SIGTERM'] as const;

/** A session of its own hears nothing of the terminal's. */
const passOn = (child: ChildProcess): Disposable & { readonly hasCome: () => boolean } => {
  let hasCome = false;
  const pass = (signal: NodeJS.Signals): void => {
    hasCome = true;
    child.kill(signal);
  };
  for (const signal of ending) process.on(signal, pass);
  return {
    hasCome: () => hasCome,
    [Symbol.dispose]: () => {
      for (const signal of ending) process.off(signal, pass);
    },
  };
};

const firstLine = async (stream: NodeJS.ReadableStream): Promise<string | undefined> => {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) return text.split('\n')[0];
  }
  return undefined;
};

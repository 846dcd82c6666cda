import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { supervisorName } from '../../protocol/logs.ts';
import { notStarted } from '../../protocol/start-errors.ts';
import { prepareFolder } from '../host/writable-folder.ts';
import { logsDir, newSpool } from '../logs/names.ts';
import { oneArena } from '../small-process.ts';

const main = (): string => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../cli/main.${extension}`, import.meta.url));
};

/**
 * Starts a supervisor that outlives this command, and answers its ready line; throws what it said
 * when it ends before. Its output goes to a file like a worker's, so that nothing breaks when the
 * terminal is gone.
 */
export const launchDaemon = async (
  directory: string,
  options: readonly string[],
): Promise<string> => {
  prepareFolder(join(directory, '.forge'));
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
  const line = child.stdout === null ? undefined : await firstLine(child.stdout);
  if (line === undefined) throw notStarted(readFileSync(log, 'utf8'), await exitCode);
  child.stdout?.destroy();
  child.unref();
  return line;
};

const firstLine = async (stream: NodeJS.ReadableStream): Promise<string | undefined> => {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) return text.split('\n')[0];
  }
  return undefined;
};

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notReady } from '../../protocol/errors.ts';
import { supervisorName } from '../../protocol/logs.ts';
import { logsDir, newSpool } from '../logs/names.ts';
import { oneArena } from '../small-process.ts';

const main = (): string => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../cli/main.${extension}`, import.meta.url));
};

/**
 * Starts a supervisor that outlives this command, and answers its ready line. Its output goes to a
 * file like a worker's, so that nothing breaks when the terminal is gone.
 */
export const launchDaemon = async (
  directory: string,
  options: readonly string[],
): Promise<string> => {
  const log = newSpool(logsDir(directory), supervisorName);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [main(), 'start', '--headless', ...options], {
    detached: true,
    env: { ...process.env, ...oneArena(process.env) },
    stdio: ['ignore', 'pipe', output],
  });
  closeSync(output);
  const line = child.stdout === null ? undefined : await firstLine(child.stdout);
  if (line === undefined) {
    throw notReady('The app', readFileSync(log, 'utf8').trim());
  }
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

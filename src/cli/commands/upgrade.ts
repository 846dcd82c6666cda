import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Io } from '../io.ts';
import { attach, attachUntil, type Target, withTarget } from '../target.ts';

const takeOverMs = 15_000;

/** The supervisor of the installation that this command belongs to. */
const entry = (): string => {
  const path = `../../supervisor/succession/main${extname(import.meta.url)}`;
  return fileURLToPath(new URL(path, import.meta.url));
};

export const upgradeCommand = (io: Io): Command =>
  withTarget(new Command('upgrade'))
    .description("Put this installation's supervisor in place of the running one; no worker ends")
    .action(async (options: Target) => {
      {
        await using supervisor = await attach(options, 'operator');
        await supervisor.request('upgrade', { entry: entry() });
        await supervisor.closed;
      }
      await using next = await attachUntil(options, Date.now() + takeOverMs);
      const { supervisor, services } = await next.request('wait', { timeoutMs: takeOverMs });
      const workers = services.reduce((sum, service) => sum + service.workers.length, 0);
      io.out(`supervisor ${supervisor.pid} has taken over ${workers} workers\n`);
    });

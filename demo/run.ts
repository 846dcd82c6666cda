import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { forgeAt, report } from './run/report.ts';

/** The main job on the demo: start it, put it under load, watch, act. Ends everything it started. */
const forge = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const children: ChildProcess[] = [];

const start = (args: readonly string[], stdio: 'pipe' | 'inherit'): ChildProcess => {
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    stdio: stdio === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
};

/** Resolves with the exit code. */
const ended = async (child: ChildProcess): Promise<number> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? 1;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });

const freePort = async (): Promise<number> => {
  for (let port = 3_000; port < 3_050; port += 1) if (await isFree(port)) return port;
  throw new Error('No port from 3000 to 3049 is free: end one of the programs that use them');
};

const textOf = (child: ChildProcess): { readonly text: () => string } => {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { text: () => text };
};

const stopAll = async (): Promise<void> => {
  for (const child of children.toReversed()) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended(child);
  }
};

const main = async (): Promise<number> => {
  const port = await freePort();
  const isTerminal = process.stdout.isTTY === true && process.stdin.isTTY === true;
  // Each run begins with the layout of the config, not with what an operator did last time.
  rmSync(join(import.meta.dirname, '.forge'), { recursive: true, force: true });
  const supervisor = start([forge, 'start', '--headless', '--http', String(port)], 'pipe');
  const ready = await Promise.race([
    once(supervisor.stdout ?? supervisor, 'data'),
    ended(supervisor),
  ]);
  if (typeof ready === 'number') return ready;
  process.stdout.write(`${String(ready[0])}`);
  const phases = isTerminal ? 'calm:15,rush:60,noisy:45,slow:45,night:60' : 'calm:12,rush:60';
  const load = start(
    [
      'load.ts',
      '--json',
      '--http',
      String(port),
      '--phases',
      phases,
      ...(isTerminal ? ['--forever'] : []),
    ],
    'pipe',
  );
  const loaded = textOf(load);
  const code = isTerminal
    ? await ended(start([forge, 'top'], 'inherit'))
    : await report(forgeAt(forge, import.meta.dirname));
  load.kill('SIGTERM');
  await ended(load);
  const { sent, failed, failures } = JSON.parse(loaded.text());
  process.stdout.write(`\n${sent} requests sent, ${failed} failed ${JSON.stringify(failures)}\n`);
  return failed > 0 ? 1 : code;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(130)));
}
try {
  process.exitCode = await main();
} finally {
  await stopAll();
}

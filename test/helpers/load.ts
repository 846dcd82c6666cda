import { spawn } from 'node:child_process';
import type { DemoApp } from './demo.ts';

export type LoadSummary = {
  readonly startedAt: string;
  readonly phases: readonly { readonly name: string; readonly at: string }[];
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** By the second in which the requests were due, `t` seconds after the start. */
  readonly perSecond: readonly { readonly t: number; readonly p99Ms: number }[];
};

export type Load = AsyncDisposable & {
  /** Ends the load and gives what it counted. */
  readonly stop: () => Promise<LoadSummary>;
};

/** The demo's load generator against a running demo. */
export const startLoad = ({ http, directory, providerPort }: DemoApp, phases: string): Load => {
  const ports = ['--http', new URL(http).port, '--provider', String(providerPort)];
  const args = ['load.ts', '--json', ...ports, '--phases', phases];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, args, { cwd: directory, stdio: [...stdio] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await closed;
  };
  return {
    stop: async () => {
      await stop();
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: stop,
  };
};

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, startApp } from './forge.ts';

const root = join(import.meta.dirname, '../..');

export type DemoApp = RunningApp & { readonly directory: string; readonly providerPort: number };

/** The demo in a folder and on ports of its own, so that several tests may run it side by side. */
export const startDemo = async (): Promise<DemoApp> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-demo-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const isOurs = (path: string): boolean => !path.includes('.forge');
  cpSync(join(root, 'demo'), directory, { recursive: true, filter: isOurs });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules', 'threadforge'));
  const providerPort = await freePort();
  const env = { PAYMENT_PROVIDER: `http://127.0.0.1:${providerPort}` };
  const app = await startApp(directory, { env }).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    ...app,
    directory,
    providerPort,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      remove();
    },
  };
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

import { createServer } from 'node:net';
import { type CopiedApp, startCopy } from './app-copy.ts';

export type DemoApp = CopiedApp & { readonly providerPort: number };

/** The demo in a folder and on ports of its own. */
export const startDemo = async (): Promise<DemoApp> => {
  const providerPort = await freePort();
  const app = await startCopy('demo', { PAYMENT_PROVIDER: `http://127.0.0.1:${providerPort}` });
  return { ...app, providerPort };
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

import { type CopiedApp, startCopy } from './app-copy.ts';
import { freePort } from './free-port.ts';

export type DemoApp = CopiedApp & { readonly providerPort: number };

/** The demo in a folder and on ports of its own. */
export const startDemo = async (): Promise<DemoApp> => {
  const providerPort = await freePort();
  const app = await startCopy('demo', { PAYMENT_PROVIDER: `http://127.0.0.1:${providerPort}` });
  return { ...app, providerPort };
};

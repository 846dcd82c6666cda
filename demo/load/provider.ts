import { createServer } from 'node:http';

export type Provider = Disposable & { delayMs: number };

/** The payment provider on the network: answers after a while, and sometimes after a long while. */
export const startProvider = (port: number): Provider => {
  const provider = { delayMs: 15, [Symbol.dispose]: () => server.close() };
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('receipt'), provider.delayMs);
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1').unref();
  return provider;
};

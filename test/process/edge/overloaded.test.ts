import { expect, test } from 'vitest';
import { startIngressApp } from '../ingress-app.ts';

test('what admission does not let in is counted as such, by its route', async () => {
  const target = { entry: './services/target.mjs' };
  await using app = await startIngressApp({ target }, { admission: { enabled: true } });
  let overloaded = 0;
  app.engine.on('sample', (_worker, { services }) => {
    const methods = services.flatMap((service) => service.methods ?? []);
    const own = methods.filter(({ kind, method }) => kind === 'http' && method === 'GET /linger');
    for (const count of own) overloaded += count.overloaded ?? 0;
  });

  const leaving = new AbortController();
  let refused = 0;
  const ask = async (): Promise<void> => {
    const { status } = await fetch(`${app.origin}/linger`, { signal: leaving.signal });
    if (status === 503) refused += 1;
  };
  const asked = Promise.allSettled(Array.from({ length: 60 }, ask));
  await expect.poll(() => refused).toBe(40);
  leaving.abort();
  await asked;
  await expect.poll(() => overloaded, { timeout: 5_000 }).toBe(40);
});

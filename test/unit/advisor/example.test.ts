import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { ScaleAdvisor, ServiceView } from '../../../src/advisor/index.ts';
import { saturated, second, serviceView } from '../../helpers/advisor.ts';
import { temporaryFolder } from '../../helpers/rpc.ts';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/scale-advisor.md'), 'utf8');
const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const entry = pathToFileURL(join(root, 'src/advisor/index.ts')).href;

/** What the page leaves to its reader. */
const left = 'const { clock, orders, print, setWorkers } = globalThis.example;';

test('the example of the page watches a service, scales it, and tells that it helped', async () => {
  using folder = temporaryFolder();
  let at = 0;
  let workers = 1;
  const printed: string[] = [];
  const orders = (): ServiceView => {
    if (at < 20) return serviceView('orders', { busy: 30, arrivalsPerSecond: 60 });
    if (workers === 1) return saturated('orders');
    return serviceView('orders', { workers, busy: 50, p99: 40, arrivalsPerSecond: 200 });
  };
  const reader = {
    clock: () => {
      at += 1;
      return second(at);
    },
    orders,
    print: (line: string) => printed.push(line),
    setWorkers: async (count: number) => {
      workers = count;
    },
  };
  Object.assign(globalThis, { example: reader });
  const file = join(folder.path, 'example.ts');
  const text = example.replace("'threadforge/advisor'", `'${entry}'`);
  writeFileSync(file, `${text}\nexport { advisor };\n`.replace('\n\n', `\n${left}\n`));
  const { advisor } = (await import(pathToFileURL(file).href)) as { advisor: ScaleAdvisor };
  advisor.stop();
  while (at < 100) await advisor.evaluate();
  expect(workers).toBe(2);
  // The load came at once: the two hundred that were seen may have been few by chance.
  expect(printed[0]).toMatch(
    /^scale_up orders: 200 requests a second, with room for chance, need .* would not keep P99 below/,
  );
  expect(printed.slice(1)).toEqual(['helped: true']);
});

test('every name of the page is one of the advisor', async () => {
  const { ScaleAdvisor: Advisor, ...others } = await import('../../../src/advisor/index.ts');
  const named = [...page.matchAll(/^\| `?(\w+)(?:\([^|]*)?`/gm)].map(([, name]) => name ?? '');
  expect(named).toEqual(
    expect.arrayContaining(['start', 'evaluate', 'report', 'setExecutor', 'reportWorkerCpu']),
  );
  const missing = named.filter((name) => !(name in Advisor.prototype));
  expect(missing).toEqual([]);
  for (const name of ['encodeMemory', 'decodeMemory', 'ms', 'seconds', 'percent', 'instant']) {
    expect(others).toHaveProperty(name);
  }
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type ControlMethod, isOrder } from '../../src/protocol/control/messages.ts';
import { controlMethods } from '../../src/protocol/control/schema.ts';
import { plan, rush, scaled } from '../console/shop.ts';
import { temporaryFolder } from '../helpers/rpc.ts';
import { serveFixed } from '../helpers/supervisor.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/control.md'), 'utf8');
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];

test('the example of the page looks at an app, and scales a service of it', async () => {
  await using supervisor = await serveFixed({ snapshot: rush, plan, action: scaled });
  using folder = temporaryFolder();
  const printed: string[] = [];
  Object.assign(globalThis, {
    example: { print: (line: string) => printed.push(line), watch: () => undefined },
  });
  const file = join(folder.path, 'example.ts');
  const text = example
    .replace("'threadforge/control'", `'${pathToFileURL(join(root, 'src/sdk/control/index.ts'))}'`)
    .replace('.forge/run/control.sock', supervisor.socketPath);
  writeFileSync(file, `const { print, watch } = globalThis.example;\n${text}`);
  await import(pathToFileURL(file).href);

  const request = { kind: 'scale', service: 'orders', workers: 2 };
  expect(supervisor.asked).toEqual([
    { method: 'plan', params: { request } },
    { method: 'apply', params: { id: expect.any(String), request, why: 'the sale' } },
  ]);
  expect(printed).toEqual([
    expect.stringMatching(/^orders has \d+ workers$/),
    ...rush.advice.recommendations.map(({ reason }) => reason),
    plan.steps.join('; '),
    `${scaled.status}: ${scaled.undo}`,
  ]);
});

test('the page names every method, and who may ask for it', () => {
  const [, looking = '', acting = ''] =
    /The methods, (.*?) only look; (.*?) need the role/s.exec(page) ?? [];
  const named = (text: string): readonly string[] => text.match(/(?<=`)[a-z]\w+(?=`)/gi) ?? [];
  const [orders, questions] = [true, false].map((wanted) =>
    controlMethods.filter((method: ControlMethod) => isOrder({ method, params: {} }) === wanted),
  );
  expect(named(looking).toSorted()).toEqual(questions?.toSorted());
  expect(named(acting).toSorted()).toEqual(orders?.toSorted());
});

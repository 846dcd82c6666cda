import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Interceptors } from '../../src/sdk/index.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/interceptors.md'), 'utf8');

test('the module of the page lets in whom it says, and refuses all others', async () => {
  using folder = temporaryFolder();
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  const entry = pathToFileURL(join(root, 'src/sdk/index.ts')).href;
  const file = join(folder.path, 'interceptors.ts');
  writeFileSync(file, example.replace("'threadforge'", `'${entry}'`));
  const { server = [] }: Interceptors = await import(pathToFileURL(file).href);

  const call = {
    kind: 'call',
    service: 'users',
    method: 'remove',
    args: [],
    from: 'admin',
  } as const;
  const asked = async (from: string) => server[0]?.({ ...call, from }, async () => 'removed');
  expect(await asked('admin')).toBe('removed');
  await expect(asked('orders')).rejects.toMatchObject({ httpStatus: 403 });
});

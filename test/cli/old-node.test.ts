import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../../dist/cli/main.js');

const versionOf = async (node: string): Promise<string> =>
  (await run(node, ['--version'])).stdout.trim().slice(1);

/** Folders of the PATH whose `node` is too old for ThreadForge. */
const oldNodes = async (): Promise<
  readonly { readonly folder: string; readonly version: string }[]
> => {
  const folders = new Set((process.env['PATH'] ?? '').split(delimiter));
  const found = [...folders].filter((folder) => existsSync(join(folder, 'node')));
  const nodes = await Promise.all(
    found.map(async (folder) => ({ folder, version: await versionOf(join(folder, 'node')) })),
  );
  return nodes.filter(({ version }) => Number(version.split('.')[0]) < 24);
};

const refused = (version: string) => ({
  code: 2,
  stdout: '',
  stderr: `forge: ThreadForge needs Node 24 or later, and this is Node ${version} → Install Node 24, or \`npm install node@24\` beside it and start it with \`npx forge\`.\n`,
});

test('forge that an older Node starts says so in one line', async () => {
  const fake = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.4.1' } });`;
  const preload = `data:text/javascript,${encodeURIComponent(fake)}`;
  await expect(run(process.execPath, ['--import', preload, main, 'status'])).rejects.toMatchObject(
    refused('22.4.1'),
  );
  // And where the machine has one, as the shell would start it.
  for (const { folder, version } of await oldNodes()) {
    const env = { ...process.env, PATH: folder };
    await expect(run(main, ['status'], { env })).rejects.toMatchObject(refused(version));
  }
});

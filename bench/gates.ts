/**
 * Breaks the program on purpose, one way at a time, and sees that the fault table notices: a row
 * that passes on a broken build proves nothing.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { processesWith } from '../test/helpers/marked-processes.ts';
import { type Sabotage, sabotages } from '../test/process/faults/sabotage.ts';

const root = join(import.meta.dirname, '..');
/** A row that waits in vain says so long before; one that is ended here has noticed nothing. */
const limitMs = 400_000;
const left = new Set(['node_modules', 'dist', '.git', '.forge', 'docs', 'demo']);

/** A built copy of the checkout with one thing broken. */
const brokenCopy = ({ file, from, to }: Sabotage): string => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-gate-'));
  cpSync(root, directory, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const broken = join(directory, 'src', file);
  const source = readFileSync(broken, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${file} has not one "${from}"`);
  writeFileSync(
    broken,
    source.replace(from, () => to),
  );
  execFileSync(process.execPath, ['tools/bundle.ts'], { cwd: directory, stdio: 'inherit' });
  return directory;
};

const isCaught = async (directory: string, row: string): Promise<boolean> => {
  const env = { ...process.env, TMPDIR: directory, ORPHAN_GRACE: '5s' };
  const child = spawn(process.execPath, ['bench/faults.ts', row], {
    cwd: directory,
    env,
    stdio: 'ignore',
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(limit);
  for (const pid of processesWith(`FORGE_RUN_DIR=${directory}`)) process.kill(pid, 'SIGKILL');
  return code === 1;
};

let missed = 0;
const wanted = process.argv.slice(2);
for (const sabotage of sabotages) {
  const rows = sabotage.caughtBy.filter((row) => wanted.length === 0 || wanted.includes(row));
  if (rows.length === 0) continue;
  const directory = brokenCopy(sabotage);
  for (const row of rows) {
    const caught = await isCaught(directory, row);
    if (!caught) missed += 1;
    process.stdout.write(`${caught ? 'caught' : 'MISSED'}  ${row.padEnd(4)} ${sabotage.what}\n`);
  }
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;

import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cutJournal, cutRunFile, runFileNames } from '../helpers/truncations.ts';

/** They have no copy: what they say can be had from the kernel, or is begun anew. */
const alone: readonly string[] = ['supervisor.json', 'w1.process.json'];

test.each(runFileNames)(
  '%s may be cut off at every byte: it is set aside and told, and the run goes on [B7]',
  (name) => {
    const how = alone.includes(name) || name.includes('copy') ? '' : 'gone on by its copy';
    const cuts = cutRunFile(name, 1, ({ state, told, aside }, { whole, rest }) => {
      expect(told).toEqual([
        expect.stringMatching(`^${name} cannot be read: .*${how}.*, see ${name}.corrupt$`),
      ]);
      expect(aside).toEqual([rest]);
      expect(state).toEqual(whole);
    });
    expect(cuts).toBeGreaterThan(20);
  },
);

test('what cannot be read for want of a descriptor is not set aside, and read the next time', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'forge-'));
  for (const name of runFileNames) writeFileSync(join(directory.path, name), '{ "pid": 1 }');
  const files = new URL('../../src/supervisor/succession/', import.meta.url);
  // All that it needs is loaded before nothing can be opened any more.
  const program = `
    import { openSync } from 'node:fs';
    import { setDamagedAside } from '${files}damage.ts';
    import { readNotes } from '${files}notes.ts';
    const takeAll = () => { for (;;) openSync('/dev/null'); };
    const attempt = (act) => { try { return act(); } catch ({ code }) { return code; } };
    attempt(takeAll);
    const [, directory] = process.argv;
    console.log(attempt(() => setDamagedAside(directory)), attempt(() => readNotes(directory)));
  `;
  const { stdout } = await promisify(execFile)('prlimit', [
    '--nofile=40',
    process.execPath,
    '--input-type=module',
    '--eval',
    program,
    directory.path,
  ]);

  expect(stdout).toBe('EMFILE EMFILE\n');
  expect(readdirSync(directory.path).toSorted()).toEqual([...runFileNames].toSorted());
});

/** Every byte is the business of `npm run bench:truncations`. */
const step = 997;

test.each([false, true])(
  'a journal may be cut off anywhere: it is set aside, told, and begun anew (with its log: %s) [B7]',
  (wal) => {
    const cuts = cutJournal('state.db', { step, wal }, ({ state, told, aside }, rest) => {
      expect(told).toEqual([
        expect.stringMatching(/^the journal of actions cannot be read \(.+\): /),
      ]);
      expect(state).toEqual({ known: 0, kept: 1 });
      expect(aside).toContainEqual(rest);
    });
    expect(cuts).toBeGreaterThan(20);
  },
);

test('the log of a journal may be cut off anywhere: what is whole of it is known [B7]', () => {
  const known = new Set<number>();
  cutJournal('state.db-wal', { step: step * 5, wal: true }, ({ state, told }) => {
    const found = state as { readonly known: number; readonly kept: number };
    expect(told).toEqual([]);
    expect(found.kept).toBe(found.known + 1);
    known.add(found.known);
  });
  expect([...known]).toEqual([...known].toSorted((a, b) => a - b));
  expect([Math.min(...known), Math.max(...known)]).toEqual([0, 20]);
});

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { writeApp } from '../helpers/written-app.ts';

const service = `import { appendFileSync } from 'node:fs';
import { Service } from 'threadforge';
export default class Pool extends Service {
  note(what) { appendFileSync(import.meta.dirname + '/notes', this.ctx.workerId + ' ' + what + '\\n'); }
  onStart() { this.note('started'); }
  async onReady() { this.note('ready ' + (await this.other.size())); }
  async onScale(workers) {
    this.note('of ' + workers);
    if (workers === 3) throw new Error('no more connections');
  }
  onStandby() { this.note('standby'); }
  onResume() { this.note('resumed'); }
  onStop() { this.note('stopped'); }
}`;
const other = `import { Service } from 'threadforge';
export default class Other extends Service {
  static contract = { expose: ['size'] };
  size() { return 7; }
}`;

test('a service hears when it is asked, and of how many workers it is one', async () => {
  using files = writeApp({
    'pool.mjs': service,
    'other.mjs': other,
    'forge.config.mjs': `export default { services: {
      pool: { entry: './pool.mjs', connects: ['other'], workers: 1 },
      other: { entry: './other.mjs' },
    } };`,
  });
  const notesOf = (worker: string): readonly string[] =>
    (existsSync(files.file('notes')) ? readFileSync(files.file('notes'), 'utf8') : '')
      .split('\n')
      .filter((line) => line.startsWith(`_isolated:pool#${worker} `))
      .map((line) => line.slice(line.indexOf(' ') + 1));
  await using app = await startApp(files.directory);
  await expect.poll(() => notesOf('1')).toEqual(['started', 'ready 7', 'of 1']);

  expect((await app.forge('scale', 'pool', '3')).code).toBe(0);
  await expect.poll(() => notesOf('3').at(-1)).toBe('of 3');
  expect(notesOf('3').slice(0, 2)).toEqual(['started', 'ready 7']);
  await expect.poll(() => notesOf('1').at(-1)).toBe('of 3');

  expect((await app.forge('scale', 'pool', '1')).code).toBe(0);
  await expect.poll(() => notesOf('1').at(-1)).toBe('of 1');
  expect(notesOf('1').filter((note) => note.startsWith('ready'))).toHaveLength(1);
  expect(notesOf('3').at(-1)).toBe('stopped');
  const errors = (await app.forge('logs', 'pool')).stdout;
  expect(errors).toContain('pool.onScale failed: Error: no more connections');

  // While the new one proves itself the old one is at hand, and does nothing that nobody asks for.
  expect((await app.forge('reload', 'pool')).code).toBe(0);
  await expect.poll(() => notesOf('1')).toContain('standby');
  expect((await app.forge('rollback', 'pool')).code).toBe(0);
  await expect.poll(() => notesOf('1')).toContain('resumed');
  expect(notesOf('1')).not.toContain('stopped');
});

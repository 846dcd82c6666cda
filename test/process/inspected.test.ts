import { expect, test } from 'vitest';
import { connect } from '../../src/sdk/control/client.ts';
import { startApp } from '../helpers/forge.ts';
import { socketOf } from '../helpers/snapshots.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { writeApp } from '../helpers/written-app.ts';

const gate = `import { Service } from 'threadforge';
export default class Gate extends Service {
  static contract = { routes: [{ method: 'GET', path: '/ask', handler: 'ask' }] };
  async ask() { return await this.frail.answer().catch((error) => ({ code: error.code })); }
}`;
const frail = `import { Service } from 'threadforge';
export default class Frail extends Service {
  static contract = { expose: ['answer'] };
  answer() { throw new Error('always'); }
}`;
const config = `export default { http: { port: 0 }, services: {
  gate: { entry: './gate.mjs', connects: ['frail'] },
  frail: { entry: './frail.mjs', calls: { '*': { breaker: { least: 4, open: '1 h' } } } },
} };`;

test('of an open service it is told which breaker holds its calls back, and what the collector takes', async () => {
  using files = writeApp({ 'gate.mjs': gate, 'frail.mjs': frail, 'forge.config.mjs': config });
  await using app = await startApp(files.directory);
  await using client = await connect(socketOf(app), { role: 'viewer' });
  const ask = async (): Promise<unknown> => (await fetch(`${app.http}/ask`)).json();
  await expect.poll(ask).toEqual({ code: 'UNAVAILABLE' });

  const calls = async () => (await client.request('inspect', { service: 'gate' })).calls;
  await expect
    .poll(calls)
    .toContainEqual(expect.objectContaining({ from: 'gate', to: 'frail', breaker: 'open' }));

  const args = ['top', '--app', files.directory, '--every', '200'];
  const env = { ...app.env, NO_COLOR: '1' };
  await using top = openTerminal(args, { columns: 120, rows: 36, env });
  await top.shows('frail');
  top.type(':open gate\r4');
  await top.shows(/└─▶ +frail .* open◆/);
  top.type('2');
  await top.shows(/gate#1 .* \d+\.\d% +\d+ +│$/);
});

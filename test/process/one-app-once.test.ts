import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { copyApp, startCopy } from '../helpers/app-copy.ts';
import { forge, makeRunDir, startApp } from '../helpers/forge.ts';
import { nextSupervisor, statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const source = 'test/fixtures/apps/hello';

/** What becomes of a start of the same app where another shell or service manager would look for it. */
const startElsewhere = async (directory: string) => {
  using elsewhere = makeRunDir();
  const { code, stderr } = await forge(['start', '--headless', '--app', directory], elsewhere);
  return { code, stderr, processes: elsewhere.processes() };
};

test('an app is not started a second time under another run directory', async () => {
  await using app = await startCopy(source);
  const runDir = app.env['FORGE_RUN_DIR'] ?? '';
  const refused = (pid: number) => ({
    code: 5,
    stderr: expect.stringContaining(
      `hello is already running under supervisor ${pid}, in ${runDir}\n  → Set FORGE_RUN_DIR=${runDir}, then`,
    ),
    processes: [],
  });
  expect(await startElsewhere(app.directory)).toEqual(refused(app.pid));

  process.kill(app.pid, 'SIGKILL');
  const { supervisor } = await nextSupervisor(app, app.pid);
  expect(await startElsewhere(app.directory)).toEqual(refused(supervisor.pid));

  expect((await app.forge('upgrade')).code).toBe(0);
  const upgraded = await nextSupervisor(app, supervisor.pid);
  expect(await startElsewhere(app.directory)).toEqual(refused(upgraded.supervisor.pid));
});

test('nor while its workers wait for a supervisor; and once they are gone, it is', async () => {
  using folder = copyApp(source);
  {
    await using app = await startApp(folder.directory, { env: { SUCCESSOR: 'none' } });
    process.kill(app.pid, 'SIGKILL');
    await app.exited;
    const { code, stderr, processes } = await startElsewhere(folder.directory);
    expect([code, processes]).toEqual([5, []]);
    expect(stderr).toContain(`already running under supervisor ${app.pid}, in `);
    expect(app.processes().length).toBeGreaterThan(2);
  }
  await using again = await startApp(folder.directory);
  expect((await statusOf(again)).services.map(({ status }) => status)).toEqual(['ready', 'ready']);
});

test('it is found from cron or by sudo, which have another runtime directory', async () => {
  await using app = await startCopy(source);
  const statusIn = async (env: Readonly<Record<string, string>>) =>
    forge(['status', '--json', '--app', app.directory], { env });
  const { stdout } = await statusIn({ FORGE_RUN_DIR: '', XDG_RUNTIME_DIR: '/nowhere' });
  expect(JSON.parse(stdout)).toMatchObject({ supervisor: { pid: app.pid } });
  // Where an operator says it is, it is looked for, and nowhere else.
  using elsewhere = makeRunDir();
  expect((await statusIn(elsewhere.env)).code).toBe(4);
});

test('who starts an app that is just stopping waits for that, and then it is started', async () => {
  using folder = writeApp({
    'forge.config.mjs': "export default { services: { slow: { entry: './slow.mjs' } } };",
    'slow.mjs': `import { writeFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { Service } from 'threadforge';
export default class Slow extends Service {
  async onStop() {
    writeFileSync(new URL('./stops', import.meta.url), '');
    await after(700);
  }
}`,
  });
  expect((await folder.forge('start', '--daemon')).code).toBe(0);
  const stopped = folder.forge('stop');
  await expect.poll(() => existsSync(folder.file('stops'))).toBe(true);
  const again = await folder.forge('start', '--daemon');

  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ready .* 1 services/) });
  expect([(await stopped).code, (await folder.forge('stop')).code]).toEqual([0, 0]);
  await expect.poll(() => folder.remains()).toEqual([]);
});

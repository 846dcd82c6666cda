import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { nextSupervisor, statusWhen } from '../helpers/status.ts';
import { openTerminal } from '../helpers/terminal.ts';

test('what one console did another takes back, also under the next supervisor', async () => {
  await using app = await startCopy('test/fixtures/apps/talk');
  const open = () =>
    openTerminal(['top', '--app', app.directory], { columns: 120, rows: 36, env: app.env });
  const workersOfMailer = async (count: number): Promise<void> => {
    await statusWhen(app, ({ services }) =>
      services.some(({ name, workers }) => name === 'mailer' && workers.length === count),
    );
  };
  {
    await using first = open();
    await first.shows('mailer');
    first.type(':scale mailer 2\r');
    await first.shows('[ Cancel ]');
    first.type('y');
    await first.shows('done: scale mailer');
    first.type('q');
    expect(await first.exited).toBe(0);
  }
  await workersOfMailer(2);
  process.kill(app.pid, 'SIGKILL');
  await nextSupervisor(app, app.pid);

  await using second = open();
  await second.shows('mailer');
  second.type('u');
  await second.shows('PLAN  Undo scale mailer');
  second.type('y');
  await second.shows('undone: scale mailer to 1');
  await workersOfMailer(1);
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startFaultApp } from './faults/fault-app.ts';

test('a scale-up while a worker is being replaced ends with as many workers as it says', async () => {
  await using app = await startFaultApp();
  const pid = await app.order('leakFiles');
  execFileSync('prlimit', ['--pid', String(pid), '--nofile=100:']);
  await app.until('a worker in its place', async () => {
    const { services } = await app.status();
    const target = services.find(({ name }) => name === 'target');
    return target?.workers.some(({ status }) => status === 'starting') ? true : undefined;
  });

  await app.apply({ kind: 'scale', service: 'target', workers: 3 });
  await app.until('the end of the worker that was replaced', async () =>
    app.processes().includes(pid) ? undefined : true,
  );
  expect(await app.pidsOf('target')).toHaveLength(3);
});

import type { Status } from '../../src/protocol/metrics.ts';
import type { Figures } from '../../test/fixtures/apps/calls/drive.ts';
import { startCopy } from '../../test/helpers/app-copy.ts';
import type { Contender } from './contender.ts';

/** A whole app: its supervisor, two workers, and everything that is on by default. */
export const startForge = async (): Promise<Contender> => {
  const app = await startCopy('test/fixtures/apps/calls');
  const { stdout } = await app.forge('status', '--json');
  const status = JSON.parse(stdout) as Status;
  const users = status.services.find(({ name }) => name === 'users');
  return {
    name: 'ThreadForge',
    calleePid: users?.workers[0]?.pid ?? 0,
    drive: async (job) => {
      const response = await fetch(`${app.http}/drive`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(job),
      });
      if (!response.ok) throw new Error(`/drive said ${response.status}: ${await response.text()}`);
      return (await response.json()) as Figures;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
};

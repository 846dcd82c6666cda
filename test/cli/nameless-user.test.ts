import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { forge } from '../helpers/forge.ts';

/** As in a container that was given a number to run as, of which its /etc/passwd knows nothing. */
const nameless = ['unshare', '--user', '--map-user=54321', '--'];

test('a user without a name may ask and order, and goes by the number', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const run = (...args: readonly string[]) =>
    forge([...args, '--app', app.directory], { env: app.env, under: nameless });

  expect(await run('scale', 'names', '1')).toMatchObject({ code: 0, stderr: '' });
  expect((await run('actions')).stdout).toContain('by 54321');
  expect((await run('doctor')).stdout).toContain('the network of 54321');
});

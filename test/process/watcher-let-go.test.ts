import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/sdk/control/client.ts';
import { type ControlBackend, serveControl } from '../../src/supervisor/control/server.ts';
import { crowd } from '../helpers/crowd.ts';

test('whoever watches figures that cannot be made any more is let go, and may come again', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'forge-'));
  const socketPath = join(directory.path, 'control.sock');
  let isBroken = false;
  const snapshot = async () => {
    if (isBroken) throw new Error('no figures');
    return crowd(1, 0);
  };
  // Nothing else is asked for.
  const backend = { snapshot } as Partial<ControlBackend> as ControlBackend;
  const server = await serveControl({ socketPath, app: 'shop', backend, refused: () => undefined });

  await using watcher = await connect(socketPath, { role: 'viewer' });
  await watcher.subscribe(200, () => undefined);
  isBroken = true;
  await watcher.closed;

  isBroken = false;
  await using again = await connect(socketPath, { role: 'viewer' });
  expect((await again.subscribe(200, () => undefined)).status.app).toBe(crowd(1, 0).status.app);
  await again.close();
  await server.close();
});

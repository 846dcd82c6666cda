import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { privatePorts } from '../../src/supervisor/command/private-port.ts';

const first = 20_000;

test('private ports are given out once each, and lie below those of outgoing connections', () => {
  const next = privatePorts(() => 0);
  const ports = [next(), next(), next()];
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(first);
    expect(port).toBeLessThan(32_768);
  }
});

test('a port on which somebody listens is passed over', async () => {
  const taken = privatePorts(() => 0.5)();
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  expect(privatePorts(() => 0.5)()).not.toBe(taken);
  server.close();
});

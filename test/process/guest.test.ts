import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { privatePorts } from '../../src/supervisor/command/private-port.ts';

const preload = resolve(import.meta.dirname, '../../src/sdk/guest/preload.cts');
const own = privatePorts()();

/** Runs a program with a guest inside; what it prints is where its servers listen. */
const run = async (script: string): Promise<string> => {
  const limits = { runDir: '/nowhere', orphanGraceMs: 60_000, sampleEveryMs: 1_000 };
  const assignment = { ...limits, runId: 'r', workerId: 'legacy#1', port: own };
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require ${preload}`,
    FORGE_GUEST: JSON.stringify({ ...assignment, nodeOptions: '--no-warnings' }),
  };
  const source = `
    const http = require('node:http');
    const tell = (...servers) => {
      console.log(JSON.stringify(servers.map((server) => server.address())));
      process.exit();
    };
    ${script}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { env });
  return stdout.trim();
};

const ours = { address: '127.0.0.1', family: 'IPv4', port: own };

test.each([
  ['a port', 'listen(18_080, () => tell(server))'],
  ['a port in text', 'listen("18080", () => tell(server))'],
  ['a port and a host', 'listen(18_080, "0.0.0.0", () => tell(server))'],
  ['a port, a host and a backlog', 'listen(18_080, "0.0.0.0", 64, () => tell(server))'],
  ['options', 'listen({ port: 18_080, host: "::" }, () => tell(server))'],
  ['the port of its own', `listen(${own}, "127.0.0.1", () => tell(server))`],
])('a server that listens on %s listens on the port of its own', async (_what, call) => {
  const answer = await run(`const server = http.createServer(); server.${call};`);
  expect(JSON.parse(answer)).toEqual([ours]);
});

test('localhost may mean two addresses, and both become our own', async () => {
  const answer = await run(`
    const one = http.createServer().listen(18_080, '127.0.0.1', () => {
      const two = http.createServer().listen(18_080, '::1', () => tell(one, two));
    });`);
  expect(JSON.parse(answer)).toEqual([ours, { address: '::1', family: 'IPv6', port: own }]);
});

test.each([
  ['any free port', 'http.createServer().listen(0, "127.0.0.1"'],
  ['a Unix socket', 'http.createServer().listen("\\0forge-guest-test"'],
  ['no HTTP', 'require("node:net").createServer().listen({ port: 0, host: "127.0.0.1" }'],
])('a server of %s is left alone', async (_what, call) => {
  const answer = await run(`const server = ${call}, () => tell(server));`);
  expect(answer).not.toContain(`${own}`);
});

test('what the server itself starts has no guest', async () => {
  const answer = await run(`
    http.createServer().listen(18_080, () => {
      const { NODE_OPTIONS, FORGE_GUEST } = process.env;
      console.log(JSON.stringify([NODE_OPTIONS, FORGE_GUEST]));
      process.exit();
    });`);
  expect(JSON.parse(answer)).toEqual(['--no-warnings', null]);
});

test('a guest does not keep a server from ending', async () => {
  const answer = await run(`
    const server = http.createServer().listen(18_080, () => server.close(() => console.log('end')));
  `);
  expect(answer).toBe('end');
});

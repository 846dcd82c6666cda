/** Ten tiny services from nothing to all answering: ThreadForge beside `pm2 start`, in turn. */

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median } from './figures.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const forge = join(root, 'dist/cli/main.js');
const pm2 = join(import.meta.dirname, 'node_modules/pm2/bin/pm2');
const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
/** Below those that the kernel gives to outgoing connections. */
const firstPort = 21_100;
const rounds = 5;

const limitMs = 30_000;

/** Resolves when the address answers 200. */
const answers = async (url: string): Promise<void> => {
  const until = performance.now() + limitMs;
  while (performance.now() < until) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.status === 200) return;
    await after(5);
  }
  throw new Error(`${url} did not answer within ${limitMs} ms`);
};

const all = (urlOf: (name: string, index: number) => string): Promise<unknown> =>
  Promise.all(names.map((name, index) => answers(urlOf(name, index))));

const forgeApp = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-forge-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/threadforge'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  for (const name of names) {
    writeFileSync(
      join(directory, `${name}.mjs`),
      `import { Service } from 'threadforge';
export default class extends Service {
  static contract = { routes: [{ method: 'GET', path: '/${name}', handler: 'hello' }] };
  hello() { return { hello: '${name}' }; }
}`,
    );
  }
  const services = Object.fromEntries(names.map((name) => [name, { entry: `./${name}.mjs` }]));
  const config = { app: 'ten', http: { port: firstPort }, services };
  writeFileSync(join(directory, 'forge.config.json'), JSON.stringify(config));
  return directory;
};

const timeForge = async (directory: string): Promise<number> => {
  const env = { ...process.env, FORGE_RUN_DIR: join(directory, 'run') };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [forge, 'start', '--headless', '--app', directory], {
    env,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await all((name) => `http://127.0.0.1:${firstPort}/${name}`);
  const took = performance.now() - startedAt;
  child.kill('SIGTERM');
  await ended;
  return took;
};

const pm2App = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-pm2-'));
  writeFileSync(
    join(directory, 'server.js'),
    `require('node:http').createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ hello: process.env.NAME }));
}).listen(Number(process.env.PORT), '127.0.0.1');`,
  );
  const apps = names.map((name, index) => ({
    name,
    script: './server.js',
    cwd: directory,
    env: { NAME: name, PORT: firstPort + 20 + index },
  }));
  writeFileSync(
    join(directory, 'ecosystem.config.js'),
    `module.exports = ${JSON.stringify({ apps })};`,
  );
  return directory;
};

/** `isWarm`: its daemon is already there. */
const timePm2 = async (directory: string, isWarm: boolean): Promise<number> => {
  const env = { ...process.env, PM2_HOME: join(directory, '.pm2') };
  const options = { cwd: directory, env };
  if (isWarm) await run(process.execPath, [pm2, 'ping'], options);
  const startedAt = performance.now();
  const started = run(process.execPath, [pm2, 'start', 'ecosystem.config.js'], options);
  await all((_name, index) => `http://127.0.0.1:${firstPort + 20 + index}/`);
  const took = performance.now() - startedAt;
  await started;
  await run(process.execPath, [pm2, 'kill'], options);
  return took;
};

const ours = forgeApp();
const theirs = pm2App();
const figures = { forge: [] as number[], cold: [] as number[], warm: [] as number[] };
try {
  for (let round = 0; round < rounds; round += 1) {
    figures.forge.push(await timeForge(ours));
    figures.cold.push(await timePm2(theirs, false));
    figures.warm.push(await timePm2(theirs, true));
  }
} finally {
  rmSync(ours, { recursive: true, force: true });
  rmSync(theirs, { recursive: true, force: true });
}
const [forgeMs, coldMs, warmMs] = [figures.forge, figures.cold, figures.warm].map(median);
process.stdout.write(
  [
    `ten services, all answering (median of ${rounds}, taken in turn)`,
    `  forge start             ${forgeMs?.toFixed(0)} ms`,
    `  pm2 start, no daemon    ${coldMs?.toFixed(0)} ms   ratio ${((forgeMs ?? 0) / (coldMs ?? 1)).toFixed(2)}`,
    `  pm2 start, with daemon  ${warmMs?.toFixed(0)} ms   ratio ${((forgeMs ?? 0) / (warmMs ?? 1)).toFixed(2)}`,
    '',
  ].join('\n'),
);

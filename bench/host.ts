/**
 * What `forge top --host` adds on a far machine: a proxy before sshd delays all by 100 ms each way.
 * A figure that has a goal says so, and the last line names those that miss theirs.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startSshServer } from '../test/helpers/ssh.ts';
import { usageOf, watch } from '../test/helpers/watched.ts';
import { Goals, median } from './figures.ts';

const delayMs = 100;
const services = 30;
const size = { columns: 160, rows: 50 };
const forge = join(import.meta.dirname, '../dist/cli/main.js');
const crowd = join(import.meta.dirname, '../test/helpers/crowd-supervisor.ts');

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;

const goals = new Goals();

await using ssh = await startSshServer({ delayMs });
const served = spawn(process.execPath, [crowd, String(services), '1000', 'yes'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => served.once('exit', resolve));
const socketPath = await new Promise<string>((resolve) =>
  served.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
);

type Way = { readonly name: string; readonly argv: readonly string[]; readonly roundTrips: number };

const remote = `forge top --socket ${socketPath} --every 1000`;
const ways: readonly Way[] = [
  {
    name: 'ssh -t far forge top (the console runs there)',
    argv: [join(ssh.env['PATH']?.split(':')[0] ?? '', 'ssh'), '-tt', ssh.far, remote],
    roundTrips: 1,
  },
  {
    name: 'forge top --host far (the console runs here)',
    argv: [process.execPath, forge, 'top', '--host', ssh.far, '--socket', socketPath],
    roundTrips: 0,
  },
];

for (const { name, argv, roundTrips } of ways) {
  const top = watch(argv, { ...size, env: ssh.env });
  await top.shows(new RegExp(`1/${services} *$`, 'm'));
  await pause(2_000);
  const sentBefore = ssh.passed();
  const { bytesPerSecond } = await usageOf(top, 10);
  const sent = (ssh.passed() - sentBefore) / 10;
  const delays: number[] = [];
  for (let key = 0; key < 60; key += 1) {
    const row = key % 2 === 0 ? 2 : 1;
    await pause(20 + Math.random() * 40);
    const pressedAt = performance.now();
    top.type(row === 2 ? 'j' : 'k');
    const seenAt = await top.shows(new RegExp(`\\b${row}/${services} *$`, 'm'));
    delays.push(seenAt - pressedAt - roundTrips * 2 * delayMs);
  }
  await top.end();
  const trip = roundTrips === 0 ? 'no round trip is needed' : 'minus one round trip';
  say(name);
  const p99 = goals.judged(`${name}, ms p99`, quantile(delays, 0.99), { atMost: 50 });
  say(`  key to frame, ${trip}: p50 ${median(delays).toFixed(1)} ms, p99 ${p99} ms`);
  const kilobytes = goals.judged(`${name}, KB/s`, sent / 1_000, { atMost: 8 });
  say(
    `  at 1 Hz, every figure changing: ${(bytesPerSecond / 1_000).toFixed(1)} KB/s to the terminal, ${kilobytes} KB/s over the network`,
  );
}
served.kill('SIGTERM');
await ended;
say(goals.verdict);

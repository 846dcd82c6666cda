import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere as forge } from '../helpers/heard-io.ts';
import { syntheticTrace } from '../helpers/traces.ts';

const traceFile = (text: string): { readonly file: string } & Disposable => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  const file = join(folder, 'load.csv');
  writeFileSync(file, text);
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
};

/** Ten minutes around the moment at which the load becomes ten times as much. */
const stepped = (): string => {
  const { requestsPerSecond } = syntheticTrace('step', 1);
  const at = requestsPerSecond.findIndex((rate) => rate > 10);
  const rows = requestsPerSecond.slice(at - 300, at + 300);
  return ['timestamp_s,requests_per_s', ...rows.map((rate, second) => `${second},${rate}`)].join(
    '\n',
  );
};

test('simulate compares the advisor with others, the same way each time', async () => {
  using trace = traceFile(stepped());
  const args = ['simulate', '--trace', trace.file, '--json'];
  const { out, code } = await forge(...args);
  expect(code).toBe(0);
  const { version, seed, results } = JSON.parse(out);
  expect({ version, seed }).toEqual({ version: 1, seed: 1 });
  const badOf = Object.fromEntries(
    results.map(({ policy, badShare }: { policy: string; badShare: number }) => [policy, badShare]),
  );
  expect(Object.keys(badOf)).toEqual(['advisor', 'hpa', 'kpa', 'watt', 'naive', 'oracle']);
  for (const other of ['hpa', 'watt', 'naive']) expect(badOf['advisor']).toBeLessThan(badOf[other]);
  expect(JSON.parse((await forge(...args)).out)).toEqual({
    version,
    seed,
    trace: 'load.csv',
    results,
  });
});

test('simulate prints a table of the policies that were asked for', async () => {
  using trace = traceFile(stepped());
  const { out } = await forge(
    ...['simulate', '--trace', trace.file, '--policy', 'advisor,oracle'],
    ...['--peak-workers', '4', '--start-delay', '500ms', '--cpu-ms', '10', '--seed', '7'],
  );
  const lines = out.trim().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe('load.csv, seed 7');
  expect(lines[3]).toMatch(/^oracle .* 1\.00× /);
});

test.each([
  ['a file that is not there', ['--trace', '/nowhere.csv'], /cannot be read/],
  ['an unknown policy', ['--trace', 'x', '--policy', 'best'], /Known are advisor/],
  ['a worker and a half', ['--trace', 'x', '--peak-workers', '1.5'], /whole number/],
  ['no trace', [], /--trace/],
])('%s is wrong usage', async (_name, args, message) => {
  const { code, err } = await forge('simulate', ...args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test('a trace that cannot be read names its line', async () => {
  using trace = traceFile('timestamp_s,requests_per_s\n0,1\n1,x\n');
  const { code, err } = await forge('simulate', '--trace', trace.file);
  expect(code).toBe(2);
  expect(err).toContain('line 3 is not two numbers');
});

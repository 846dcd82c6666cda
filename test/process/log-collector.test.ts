import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogCursor } from '../../src/protocol/logs.ts';
import { spoolDir } from '../../src/protocol/logs.ts';
import { bytes, megabytes } from '../../src/protocol/units.ts';
import { Collector } from '../../src/supervisor/logs/collector.ts';
import { newSpool } from '../../src/supervisor/logs/names.ts';
import { readPage } from '../../src/supervisor/logs/reader/read-page.ts';
import { limitFileSize } from '../helpers/file-limit.ts';
import {
  faultsIn,
  logFolder,
  smallSegments,
  startCollector,
  startWriter,
  storedBytes,
  storedStreams,
} from '../helpers/log-writers.ts';

/** Copies what is there, and removes the spools of those who have ended. */
const collectAll = async (logs: string, limits = smallSegments): Promise<void> => {
  await new Collector({ logs, limits: () => limits, onEvent: () => undefined })[
    Symbol.asyncDispose
  ]();
};

const readAll = async (logs: string): Promise<readonly string[]> => {
  const lines: string[] = [];
  let page = await readPage(logs, { services: [] });
  for (;;) {
    for (const { line } of page.lines) lines.push(line);
    if (page.isCaughtUp) return lines;
    page = await readPage(logs, { services: [], cursor: page.cursor });
  }
};

test('200,000 lines over many segments and crashes of the collector: none lost, none doubled', async () => {
  using folder = logFolder();
  const range = { from: 1, to: 100_000 };
  const writers = ['users#1', 'orders#1'].map((worker) => ({
    worker,
    ...startWriter(folder, worker, range),
  }));
  for (let crash = 1; crash <= 6; crash += 1) {
    const collector = startCollector(folder);
    await folder.until(() => storedBytes(folder.logs) >= crash * megabytes(1.2));
    await collector.kill();
  }
  await Promise.all(writers.map(({ exited }) => exited));
  await collectAll(folder.logs);

  const lines = await readAll(folder.logs);
  expect(lines).toHaveLength(200_000);
  for (const { worker, copy } of writers) {
    const own = lines.filter((line) => line.startsWith(`${worker} `));
    expect(faultsIn(own, range)).toEqual({ lost: 0, doubled: 0 });
    const [stream] = storedStreams(folder.logs, worker);
    expect(stream?.misfits).toEqual([]);
    expect(stream?.segments).toBeGreaterThan(30);
    expect(stream?.bytes.equals(readFileSync(copy))).toBe(true);
  }
  expect(readdirSync(spoolDir(folder.logs))).toEqual([]);
});

test('a follower that reads while lines are written, copied and rotated misses none', async () => {
  using folder = logFolder();
  const range = { from: 1, to: 100_000 };
  await using _collector = startCollector(folder);
  startWriter(folder, 'users#1', range);
  const lines: string[] = [];
  let cursor: LogCursor | undefined;
  while (!lines.at(-1)?.includes(` ${range.to} `)) {
    const page = await readPage(folder.logs, { services: [], ...(cursor && { cursor }) });
    cursor = page.cursor;
    for (const { line } of page.lines) lines.push(line);
  }
  expect(faultsIn(lines, range)).toEqual({ lost: 0, doubled: 0 });
  expect(lines).toHaveLength(range.to);
});

test('what is no text, and a line without an end, are copied byte for byte', async () => {
  using folder = logFolder();
  const output = Buffer.concat([randomBytes(500_000), Buffer.alloc(500_000, 'x'), Buffer.alloc(9)]);
  writeFileSync(newSpool(folder.logs, 'users#1'), output);
  await collectAll(folder.logs);

  const [stream] = storedStreams(folder.logs, 'users#1');
  expect(stream?.misfits).toEqual([]);
  expect(stream?.bytes.equals(output)).toBe(true);
});

test('the room that a living worker took is given back, and all lines are there', async () => {
  using folder = logFolder();
  await using collector = startCollector(folder, { ...smallSegments, maxSize: megabytes(4) });
  const writer = startWriter(folder, 'users#1', { from: 1, to: 2_000_000 });
  await folder.until(() => {
    const { size, blocks } = statSync(writer.copy);
    return size - blocks * 512 > megabytes(16);
  });
  await collector.kill();
  writer.kill();
  await writer.exited;
  await collectAll(folder.logs, { ...smallSegments, maxSize: megabytes(4) });

  const [stream] = storedStreams(folder.logs, 'users#1');
  expect(stream?.misfits).toEqual([]);
  const lines = (stream?.bytes.toString() ?? '').split('\n').slice(0, -1);
  expect(faultsIn(lines, { from: 1, to: writer.written() })).toEqual({ lost: 0, doubled: 0 });
});

test('the store stays inside its budget, and a loud worker drives out its own lines only', async () => {
  using folder = logFolder();
  const limits = { ...smallSegments, budget: bytes(1024 * 1024) };
  await startWriter(folder, 'quiet#1', { from: 1, to: 100 }).exited;
  const loud = startWriter(folder, 'loud#1', { from: 1, to: 50_000 });
  await loud.exited;
  await collectAll(folder.logs, limits);

  expect(storedBytes(folder.logs)).toBeLessThanOrEqual(limits.budget);
  const lines = await readAll(folder.logs);
  expect(lines.filter((line) => line.startsWith('quiet#1 '))).toHaveLength(100);
  expect(lines.findLast((line) => line.startsWith('loud#1 '))).toContain(' 50000 ');
});

test('below its line of free disk nothing is copied, which is said; the lines are read all the same', async () => {
  using folder = logFolder();
  const writer = startWriter(folder, 'users#1', { from: 1, to: 1_000 });
  await writer.exited;
  {
    await using collector = startCollector(folder, { ...smallSegments, minFree: 101 });
    await collector.says(/^logs are not copied: the disk is nearly full$/);
  }
  expect(storedBytes(folder.logs)).toBe(0);
  expect(await readAll(folder.logs)).toHaveLength(1_000);

  await collectAll(folder.logs);
  expect(storedBytes(folder.logs)).toBe(statSync(writer.copy).size);
  expect(await readAll(folder.logs)).toHaveLength(1_000);
});

test('a store that is deleted while it is written goes on with the next line', async () => {
  using folder = logFolder();
  await using _collector = startCollector(folder);
  const writer = startWriter(folder, 'users#1', { from: 1, to: 2_000_000 });
  await folder.until(() => storedBytes(folder.logs) >= megabytes(1));
  const aside = join(folder.logs, '..', 'aside');
  renameSync(join(folder.logs, 'users#1'), aside);
  rmSync(aside, { recursive: true });
  await folder.until(() => storedBytes(folder.logs) >= megabytes(1));
  writer.kill();
  await writer.exited;
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  const [stream] = storedStreams(folder.logs, 'users#1');
  const end = readFileSync(writer.copy).subarray(-smallSegments.maxSize);
  expect(stream?.bytes.subarray(-end.length).equals(end)).toBe(true);
});

/** Each of them waits for seconds until a collector looks again whether a writer has ended. */
test.concurrent('of a worker that is killed, every byte it had written is kept', async () => {
  using folder = logFolder();
  await using collector = startCollector(folder);
  const writer = startWriter(folder, 'users#1', { from: 1, to: 300_000, pauseMs: 1 });
  await folder.until(() => storedBytes(folder.logs) >= megabytes(2));
  writer.kill();
  expect(await writer.exited).toMatch(/^SIGKILL/);
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  const [stream] = storedStreams(folder.logs, 'users#1');
  expect(stream?.bytes.equals(readFileSync(writer.copy))).toBe(true);
  const lines = (stream?.bytes.toString() ?? '').split('\n').slice(0, -1);
  expect(faultsIn(lines, { from: 1, to: writer.written() })).toEqual({ lost: 0, doubled: 0 });
  expect(collector.events).toEqual([]);
});

test.concurrent('a machine that cannot give room back says so once, and goes on', async () => {
  using folder = logFolder();
  await using collector = startCollector(folder, smallSegments, { PATH: '/nonexistent' });
  const writer = startWriter(folder, 'users#1', { from: 1, to: 1_000_000 });
  await collector.says(/keeps its room on the disk: .*fallocate/);
  writer.kill();
  await writer.exited;
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  expect(collector.events).toHaveLength(1);
  expect(storedBytes(folder.logs)).toBe(statSync(writer.copy).size);
});

test.concurrent('more than will ever have room is given up, and the loss is said', async () => {
  using folder = logFolder();
  const limits = { ...smallSegments, budget: bytes(1024 * 1024) };
  const loud = startWriter(folder, 'loud#1', { from: 1, to: 100_000 });
  await loud.exited;
  await using collector = startCollector(folder, limits);
  const { service } = await collector.says(/^gave up \d\.\d MB of its logs/);
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  expect(service).toBe('loud');
  const numbers = (await readAll(folder.logs)).map((line) => Number(line.split(' ')[1]));
  const [first = 0] = numbers;
  expect(first).toBeGreaterThan(50_000);
  expect(numbers).toEqual(Array.from({ length: 100_001 - first }, (_, index) => first + index));
});

test.concurrent('a collector that may not write says why, and goes on by itself when it may', async () => {
  using folder = logFolder();
  await using collector = startCollector(folder, { ...smallSegments, maxSize: megabytes(1) });
  limitFileSize(collector.pid, 300_001);
  const writer = startWriter(folder, 'users#1', { from: 1, to: 20_000 });
  await collector.says(/^logs are not copied: EFBIG/);
  expect(storedBytes(folder.logs)).toBe(300_001);
  limitFileSize(collector.pid, 'unlimited');
  await collector.says(/^logs are copied again$/);
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  const [stream] = storedStreams(folder.logs, 'users#1');
  expect(stream?.bytes.equals(readFileSync(writer.copy))).toBe(true);
  expect(collector.events).toHaveLength(2);
});

test.concurrent('a process that a worker left behind can still write, until it ends too', async () => {
  using folder = logFolder();
  await using _collector = startCollector(folder);
  const trigger = join(folder.logs, '..', 'trigger');
  const output = openSync(newSpool(folder.logs, 'users#1'), 'a');
  const program = join(import.meta.dirname, '../fixtures/logs/leaves-a-child.mjs');
  const parent = spawn(process.execPath, [program], {
    env: { ...process.env, TRIGGER: trigger },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await once(parent, 'exit');
  const stored = (): string => storedStreams(folder.logs, 'users#1')[0]?.bytes.toString() ?? '';
  await folder.until(() => stored().includes('the child is here'));
  writeFileSync(trigger, '');
  await folder.until(() => readdirSync(spoolDir(folder.logs)).length === 0);

  expect(stored().split('\n').toSorted()).toEqual(
    ['', 'the child is here', 'the child writes late', 'the parent ends'].toSorted(),
  );
});

/**
 * A million numbered lines through the collector, which is killed again and again, from workers that
 * end, crash and are replaced. Prints what was lost and doubled, and what it cost; exits 1 on a loss.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { megabytes } from '../src/protocol/units.ts';
import { Collector } from '../src/supervisor/logs/collector.ts';
import { newSpool } from '../src/supervisor/logs/names.ts';
import { readPage } from '../src/supervisor/logs/reader/read-page.ts';
import { noteWriter } from '../src/supervisor/process/writers.ts';
import {
  faultsIn,
  type LogFolder,
  logFolder,
  smallSegments,
  startCollector,
  startWriter,
  storedBytes,
  storedStreams,
} from '../test/helpers/log-writers.ts';

const lines = 1_000_000;
const workers = ['users#1', 'orders#1', 'search#1', 'mailer#1'];
const leastKills = 20;
const linesOfOne = 25_000;
/** Between two writes of 10 KB: slow enough to see many crashes. */
const pauseMs = 3;
const backlogBytes = megabytes(256);

type Life = { readonly worker: string; readonly wasKilled: boolean; readonly written: number };

/** The highest memory a process ever had, in MB. */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

/** Seconds of CPU that a process has used. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
};

const between = (least: number, most: number): number => least + Math.random() * (most - least);

/** One worker: process after process, every third of them killed in the middle. */
const live = async (
  folder: LogFolder,
  worker: string,
  isEnough: (written: number) => boolean,
): Promise<readonly Life[]> => {
  const lives: Life[] = [];
  for (let written = 0; !isEnough(written); ) {
    const wasKilled = lives.length % 3 === 2;
    const name = worker.replace('#', `.${lives.length}#`);
    const to = wasKilled ? lines : linesOfOne;
    const writer = startWriter(folder, name, { from: 1, to, pauseMs });
    if (wasKilled) {
      await pause(between(100, 800));
      writer.kill();
    }
    await writer.exited;
    lives.push({ worker: name, wasKilled, written: writer.written() });
    written += writer.written();
  }
  return lives;
};

/** Starts the collector and kills it in the middle of its copying, until told to stop. */
class Harasser {
  kills = 0;
  peakMb = 0;

  async run(folder: LogFolder, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const collector = startCollector(folder);
      const enough = storedBytes(folder.logs) + between(0, megabytes(2));
      while (!isOver() && storedBytes(folder.logs) <= enough) await pause(2);
      this.peakMb = Math.max(this.peakMb, peakOf(collector.pid));
      await collector.kill();
      this.kills += 1;
    }
  }
}

const verify = (folder: LogFolder, lives: readonly Life[]) => {
  const sum = { lines: 0, lost: 0, doubled: 0, segments: 0 };
  for (const { worker, written } of lives) {
    for (const { bytes, segments, misfits } of storedStreams(folder.logs, worker)) {
      const own = bytes.toString().split('\n').slice(0, -1);
      // Of a killed worker the lines after the last noted one may be there too, but with no hole.
      const to = Math.max(written, own.length);
      const { lost, doubled } = faultsIn(own, { from: 1, to });
      sum.lines += own.length;
      sum.lost += lost + misfits.length;
      sum.doubled += doubled;
      sum.segments += segments;
    }
  }
  return sum;
};

const readBack = async (
  folder: LogFolder,
): Promise<{ readonly count: number; readonly ms: number }> => {
  const started = performance.now();
  let count = 0;
  let page = await readPage(folder.logs, { services: [] });
  for (;;) {
    count += page.lines.length;
    if (page.isCaughtUp) return { count, ms: performance.now() - started };
    page = await readPage(folder.logs, { services: [], cursor: page.cursor });
  }
};

const crashes = async (): Promise<boolean> => {
  using folder = logFolder();
  let isOver = false;
  const harasser = new Harasser();
  const harassed = harasser.run(folder, () => isOver);
  const isEnough = (written: number): boolean =>
    written >= lines / workers.length && harasser.kills >= leastKills;
  const lives = (await Promise.all(workers.map((one) => live(folder, one, isEnough)))).flat();
  isOver = true;
  await harassed;
  const { kills, peakMb } = harasser;
  const options = { logs: folder.logs, limits: () => smallSegments, onEvent: () => undefined };
  await new Collector(options)[Symbol.asyncDispose]();
  const sum = verify(folder, lives);
  const read = await readBack(folder);
  const killed = lives.filter(({ wasKilled }) => wasKilled).length;
  console.log(`${sum.lines} lines of ${lives.length} processes, ${killed} of them killed`);
  console.log(
    `collector killed ${kills} times, ${sum.segments} segments, peak RSS ${peakMb.toFixed(0)} MB`,
  );
  console.log(`lost ${sum.lost}, doubled ${sum.doubled}`);
  // The last piece of a killed process is a line as well, though without its end.
  const pieces = read.count - sum.lines;
  console.log(`read back ${sum.lines} lines and ${pieces} last pieces in ${read.ms.toFixed(0)} ms`);
  return sum.lost === 0 && sum.doubled === 0 && pieces >= 0 && pieces <= killed;
};

/** How fast a backlog is copied, and with how much memory. */
const catchUp = async (): Promise<void> => {
  using folder = logFolder();
  const spool = newSpool(folder.logs, 'loud#1');
  const line = `${'x'.repeat(99)}\n`;
  const size = Math.floor(backlogBytes / line.length) * line.length;
  writeFileSync(spool, line.repeat(size / line.length));
  noteWriter(spool, process.pid);
  const started = performance.now();
  await using collector = startCollector(folder, { ...smallSegments, maxSize: megabytes(16) });
  await folder.until(() => storedBytes(folder.logs) > 0);
  const [firstMb, firstAt] = [peakOf(collector.pid), performance.now()];
  await folder.until(() => storedBytes(folder.logs) === size);
  const speed = size / megabytes(1) / ((performance.now() - firstAt) / 1_000);
  const cpu = cpuOf(collector.pid);
  console.log(
    `a backlog of ${(size / megabytes(1)).toFixed(0)} MB at ${speed.toFixed(0)} MB/s, first line after ${(firstAt - started).toFixed(0)} ms, ${cpu.toFixed(2)} s of CPU with the start, peak RSS ${peakOf(collector.pid).toFixed(0)} MB (${firstMb.toFixed(0)} MB at the first line)`,
  );
};

const isWhole = await crashes();
await catchUp();
process.exitCode = isWhole ? 0 : 1;

import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogLine, LogQuery } from '../../src/protocol/logs.ts';
import { type Stream, spoolFile } from '../../src/protocol/logs.ts';
import {
  indexFile,
  type SegmentName,
  segmentFile,
  streamKey,
} from '../../src/supervisor/logs/names.ts';
import { readPage } from '../../src/supervisor/logs/reader/read-page.ts';
import { encodeEntry } from '../../src/supervisor/logs/time-index.ts';
import { noteWriter } from '../../src/supervisor/process/writers.ts';
import { logFolder } from '../helpers/log-writers.ts';

const readAll = async (
  logs: string,
  query: LogQuery = { services: [] },
): Promise<readonly LogLine[]> => {
  const page = await readPage(logs, query);
  if (page.isCaughtUp) return page.lines;
  return [...page.lines, ...(await readAll(logs, { ...query, cursor: page.cursor }))];
};

const writeSegment = (
  logs: string,
  name: SegmentName,
  { bytes, at }: { readonly bytes: Buffer; readonly at: number },
): void => {
  const file = segmentFile(logs, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  writeFileSync(indexFile(file), encodeEntry({ offset: name.from, at }));
};

const at = Date.UTC(2026, 10, 22, 10);
const stream: Stream = { worker: 'main#1', start: at };
const own = (time: number, service: string, fields: object = {}): string =>
  `${JSON.stringify({ time: new Date(time).toISOString(), level: 'info', service, worker: 'main#1', msg: 'x', ...fields })}\n`;

test('a stream is read the same wherever it is cut into segments and spool', async () => {
  const anyLines = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 30 });
  const anyCuts = fc.array(fc.nat(1_000), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(anyLines, anyCuts, async (texts, cuts) => {
      using folder = logFolder();
      const lines = texts.map((text) => text.replaceAll('\n', ' '));
      const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const ends = [...new Set(cuts.map((cut) => Math.min(cut, all.length)))].toSorted(
        (a, b) => a - b,
      );
      ends.reduce((from, end) => {
        writeSegment(folder.logs, { ...stream, from }, { bytes: all.subarray(from, end), at });
        return end;
      }, 0);
      // What is copied reads as zeros in the spool, once its room is given back.
      const copied = ends.at(-1) ?? 0;
      writeFileSync(
        spoolFile(folder.logs, stream),
        Buffer.concat([Buffer.alloc(copied), all.subarray(copied)]),
      );

      expect((await readAll(folder.logs)).map(({ line }) => line)).toEqual(lines);
    }),
    { numRuns: 60 },
  );
});

test('lines of many workers come in the order of their times, page after page', async () => {
  using folder = logFolder();
  const count = 2_500;
  for (const [number, worker] of ['main#1', 'main#2', '_isolated:mailer#1'].entries()) {
    const lines = Array.from({ length: count }, (_, index) => {
      const time = new Date(at + index * 3 + number).toISOString();
      return `${JSON.stringify({ time, level: 'info', service: 'users', worker, msg: String(index) })}\n`;
    });
    const bytes = Buffer.from(lines.join(''));
    writeSegment(folder.logs, { worker, start: at + number, from: 0 }, { bytes, at: at + 1e6 });
  }
  const times = (await readAll(folder.logs)).map(({ time }) => Date.parse(time));
  expect(times).toEqual(Array.from({ length: 3 * count }, (_, index) => at + index));
});

test('text without a time of its own has the time at which it was received', async () => {
  using folder = logFolder();
  const file = segmentFile(folder.logs, { ...stream, from: 0 });
  writeSegment(
    folder.logs,
    { ...stream, from: 0 },
    { bytes: Buffer.from('one\ntwo\nthree\n'), at },
  );
  appendFileSync(indexFile(file), encodeEntry({ offset: 8, at: at + 500 }));
  // A crash cut this entry short.
  appendFileSync(indexFile(file), encodeEntry({ offset: 9, at: 0 }).subarray(0, 7));

  const read = (await readAll(folder.logs)).map(({ time, line }) => [Date.parse(time), line]);
  expect(read).toEqual([
    [at, 'one'],
    [at, 'two'],
    [at + 500, 'three'],
  ]);
});

test('text that was received late comes before the line that was written after it', async () => {
  using folder = logFolder();
  const texts = Array.from({ length: 3_000 }, (_, index) => [
    `text ${index}\n`,
    own(at + index, 'users', { index }),
  ]).flat();
  const name = { ...stream, from: 0 };
  writeSegment(folder.logs, name, { bytes: Buffer.from(texts.join('')), at: at + 5_000 });

  const lines = await readAll(folder.logs);
  expect(lines.map(({ line }) => `${line}\n`)).toEqual(texts);
  const times = lines.map(({ time }) => Date.parse(time));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.slice(-4)).toEqual([at + 2_998, at + 2_998, at + 2_999, at + 2_999]);
});

test('a query takes a service, a group or a worker, a level, and a time', async () => {
  using folder = logFolder();
  const lines = [
    own(at, 'users'),
    'in plain text\n',
    own(at + 1_000, 'orders', { level: 'error' }),
    own(at + 2_000, 'users', { level: 'debug' }),
  ];
  writeSegment(
    folder.logs,
    { ...stream, from: 0 },
    { bytes: Buffer.from(lines.join('')), at: at + 500 },
  );
  const mailer = { worker: '_isolated:mailer#1', start: at + 5_000 };
  writeSegment(
    folder.logs,
    { ...mailer, from: 0 },
    { bytes: Buffer.from('sent\n'), at: at + 5_000 },
  );

  const read = async (query: Partial<LogQuery>): Promise<readonly string[]> =>
    (await readAll(folder.logs, { services: [], ...query })).map(
      ({ time, service }) => `${(Date.parse(time) - at) / 1_000} ${service}`,
    );
  expect(await read({})).toEqual(['0 users', '0.5 main', '1 orders', '2 users', '5 mailer']);
  expect(await read({ services: ['users'] })).toEqual(['0 users', '2 users']);
  expect(await read({ services: ['main'] })).toEqual([
    '0 users',
    '0.5 main',
    '1 orders',
    '2 users',
  ]);
  expect(await read({ services: ['main#1'], level: 'warn' })).toEqual(['1 orders']);
  expect(await read({ services: ['mailer'] })).toEqual(['5 mailer']);
  expect(await read({ services: ['mailer#1', 'orders'] })).toEqual(['1 orders', '5 mailer']);
  expect(await read({ level: 'info' })).toEqual(['0 users', '0.5 main', '1 orders', '5 mailer']);
  expect(await read({ since: at + 600 })).toEqual(['1 orders', '2 users', '5 mailer']);
});

test('a follower goes on where it was: over new lines, a new segment, and the end of the worker', async () => {
  using folder = logFolder();
  const spool = spoolFile(folder.logs, stream);
  writeFileSync(spool, 'one\ntw');
  noteWriter(spool, process.pid);
  const first = await readPage(folder.logs, { services: [] });
  expect(first.lines.map(({ line }) => line)).toEqual(['one']);

  appendFileSync(spool, 'o\nthree\nrest');
  const second = await readPage(folder.logs, { services: [], cursor: first.cursor });
  expect(second.lines.map(({ line }) => line)).toEqual(['two', 'three']);

  writeSegment(
    folder.logs,
    { ...stream, from: 0 },
    { bytes: Buffer.from('one\ntwo\nthree\nrest'), at },
  );
  rmSync(spool);
  const third = await readPage(folder.logs, { services: [], cursor: second.cursor });
  expect(third.lines.map(({ line }) => line)).toEqual(['rest']);
  expect(third.cursor.offsets).toEqual({});

  writeFileSync(spoolFile(folder.logs, { worker: 'main#1', start: at + 1 }), 'next process\n');
  const fourth = await readPage(folder.logs, { services: [], cursor: third.cursor });
  expect(fourth.lines.map(({ line }) => line)).toEqual(['next process']);
});

test('a line whose end does not come is given as far as it goes, and later the rest', async () => {
  using folder = logFolder();
  const spool = spoolFile(folder.logs, stream);
  noteWriter(spool, process.pid);
  writeFileSync(spool, 'Really? ');
  expect((await readPage(folder.logs, { services: [] })).lines).toEqual([]);

  const longAgo = new Date(at);
  utimesSync(spool, longAgo, longAgo);
  const asked = await readPage(folder.logs, { services: [] });
  appendFileSync(spool, 'yes\n');
  const answered = await readPage(folder.logs, { services: [], cursor: asked.cursor });

  const told = [...asked.lines, ...answered.lines].map(({ line }) => line);
  expect(told).toEqual(['Really? ', 'yes']);
});

test('the level of a line is also that which another logger wrote', async () => {
  using folder = logFolder();
  const lines = ['{"level":30,"msg":"calm"}\n', '{"level":"error","message":"bad"}\n'];
  writeSegment(folder.logs, { ...stream, from: 0 }, { bytes: Buffer.from(lines.join('')), at });

  const bad = await readAll(folder.logs, { services: [], level: 'error' });
  expect(bad).toEqual([
    expect.objectContaining({ level: 'error', line: '{"level":"error","message":"bad"}' }),
  ]);
});

test('what rotation deleted, or was given up, is passed over', async () => {
  using folder = logFolder();
  writeSegment(folder.logs, { ...stream, from: 100 }, { bytes: Buffer.from('a\ntorn'), at });
  writeSegment(folder.logs, { ...stream, from: 500 }, { bytes: Buffer.from('b\n'), at });
  const cursor = { opened: at, offsets: { [streamKey(stream)]: 7 } };
  const { lines } = await readPage(folder.logs, { services: [], cursor });
  expect(lines.map(({ line }) => line)).toEqual(['a', 'torn', 'b']);
});

test('a line that is far too long is given in pieces, no character torn', async () => {
  using folder = logFolder();
  const long = `x${'ü'.repeat(300_000)}`;
  writeSegment(folder.logs, { ...stream, from: 0 }, { bytes: Buffer.from(`${long}\nshort\n`), at });
  const lines = (await readAll(folder.logs)).map(({ line }) => line);
  expect(lines).toHaveLength(4);
  expect(lines.slice(0, 3).join('') === long).toBe(true);
  expect(lines[3]).toBe('short');
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeInput } from '../../src/advisor/replay/input.ts';
import { readHistoryFile } from '../../src/cli/history/history-file.ts';
import type { HistoryLine } from '../../src/protocol/history/file.ts';
import { readHistory } from '../../src/sdk/control/history.ts';

/** A file as it was exported: whoever is newer must still read it. It is never written anew. */
const file = join(import.meta.dirname, 'history-v1.gz');

const linesOf = async (): Promise<readonly HistoryLine[]> => {
  const lines: HistoryLine[] = [];
  for await (const line of readHistoryFile(file)) lines.push(line);
  return lines;
};

test('the figures of a history file of version 1 are read as they were', async () => {
  const lines = await linesOf();
  const pages = lines.flatMap((line) => (line.type === 'page' ? [line.page] : []));
  const [header] = lines;
  expect(header).toMatchObject({ app: 'heavy', version: 1 });
  const history = await readHistory(
    async () => {
      const page = pages.shift();
      if (page === undefined) throw new Error('There is no further page');
      return page;
    },
    { from: 0, to: 1 },
  );
  expect(pages).toEqual([]);
  expect(history.at).toHaveLength(22);
  expect(Object.keys(history.services)).toEqual(['users', 'orders']);
  expect(history.services['users']?.workers.at(-1)).toBe(2);
  expect(history.services['users']?.memoryMb.at(-1)).toBeGreaterThan(100);
  expect(history.machine.cores[0]).toBe(2);
  expect(history.records.map(({ kind }) => kind)).toContain('layout');
});

test('so are the actions, and all that the advisor was given', async () => {
  const lines = await linesOf();
  const kinds = lines.flatMap((line) => (line.type === 'action' ? [line.action.kind] : []));
  const inputs = lines.flatMap((line) => (line.type === 'input' ? [decodeInput(line.input)] : []));
  expect(kinds).toEqual(['scale']);
  expect(inputs.map((input) => input?.type).filter((type) => type !== 'view')).toEqual([
    'memory',
    'settings',
    'done',
  ]);
  expect(inputs).toHaveLength(25);
});

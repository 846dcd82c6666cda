import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { Replacements } from '../../src/supervisor/care/replacements.ts';
import { StallWatch } from '../../src/supervisor/care/stall-watch.ts';
import { Stall } from '../../src/supervisor/process/stall.ts';

test('what holds a loop is told once a minute of each worker, and kept as it was seen last', () => {
  const told: TimelineEvent[] = [];
  const replacements = new Replacements({
    replace: () => Promise.reject(new Error('nobody is to be replaced')),
    onEvent: (event) => told.push(event),
  });
  const watch = new StallWatch(replacements);
  const worker = (id: string) => ({ id, group: 'users', services: ['users'], stall: new Stall() });
  const [first, second] = [worker('users#1'), worker('users#2')];

  watch.stalled(first, { forMs: 81.6, stack: 'parse (/app/a.js:1)' });
  watch.stalled(second, { forMs: 95, stack: 'parse (/app/a.js:1)' });
  watch.stalled(first, { forMs: 90, stack: 'render (/app/b.js:2)' });

  expect(told.map(({ text }) => text)).toEqual([
    'users#1 held its event loop for 82 ms and more: parse (/app/a.js:1)',
    'users#2 held its event loop for 95 ms and more: parse (/app/a.js:1)',
  ]);
  expect([first.stall.stack, second.stall.stack]).toEqual([
    'render (/app/b.js:2)',
    'parse (/app/a.js:1)',
  ]);
});

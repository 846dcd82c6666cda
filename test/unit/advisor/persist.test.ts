import fc from 'fast-check';
import { expect, test } from 'vitest';
import { putAway } from '../../../src/advisor/advice/put-away.ts';
import { actionDone, advise } from '../../../src/advisor/advisor.ts';
import { emptySplit, initialMemory, type Memory } from '../../../src/advisor/memory/memory.ts';
import { decodeMemory, encodeMemory } from '../../../src/advisor/memory/persist.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import {
  calm,
  minutes,
  play,
  quarter,
  saturated,
  second,
  serviceView,
  viewsOf,
} from '../../helpers/advisor.ts';
import { seed } from '../../helpers/seed.ts';

/** Something of everything that a memory can hold. */
const full = (): Memory => {
  const calmServices = [serviceView('orders'), serviceView('billing')];
  const scenes = [calm(...calmServices), quarter(saturated('orders'), saturated('billing'))];
  const { memory } = play(scenes);
  const [first, other] = memory.open;
  if (first === undefined || other === undefined) throw new Error('Too little was advised');
  const at = second(35);
  const { recommendation } = first;
  const { service } = recommendation;
  const done = actionDone(memory, { actionId: 'a', service, direction: 'up', at, recommendation });
  const muted = putAway(done, other.recommendation.id, { at });
  const outcome = { service, action: 'scale_up', helped: true, at } as const;
  const open = [{ ...first, resizing: { isTooSmall: true, since: at } }, other];
  return { ...muted, open, outcomes: [outcome] };
};

test('a memory that was written down is read again, but for what is seen again at once', () => {
  const memory = full();
  const read = decodeMemory(encodeMemory(memory));
  expect(read.open.map(({ resizing }) => resizing)).toEqual([
    { isTooSmall: true, since: second(35) },
    undefined,
  ]);
  expect(read.muted).toEqual(memory.muted);
  expect(read.outcomes).toEqual(memory.outcomes);
  expect(read.waiting).toHaveLength(1);
  expect(read.done).toHaveLength(1);
  expect(read.cases).toBe(memory.cases);
  expect(read).not.toHaveProperty('machineCpu');
  for (const [name, known] of Object.entries(memory.services)) {
    expect(read.services[name]?.stretches.length).toBe(known.stretches.length);
    expect(read.services[name]?.held).toEqual(known.held);
    expect(read.services[name]?.points).toEqual([]);
  }
  expect(decodeMemory(encodeMemory(read))).toEqual(read);
});

test('half an hour of a service takes less than 60 kB', () => {
  const { memory } = play([{ seconds: minutes(40), services: [serviceView('orders')] }]);
  expect(encodeMemory(memory).length).toBeLessThan(60_000);
});

test.each([
  ['nothing', ''],
  ['half a file', encodeMemory(full()).slice(0, 2_000)],
  ['another format', '[]'],
  ['null', 'null'],
  ['a later version', JSON.stringify({ ...initialMemory, version: 2 })],
  ['a field that is missing', JSON.stringify({ ...initialMemory, open: undefined })],
  ['a number that is none', encodeMemory(full()).replace(/"meanBusy":[\d.]+/, '"meanBusy":null')],
  [
    'a signal that is none',
    JSON.stringify({
      ...initialMemory,
      services: { a: { points: [], stretches: [], split: emptySplit, held: { heat: 1 } } },
    }),
  ],
])('%s is read as no memory', (_name, text) => {
  expect(decodeMemory(text)).toEqual(initialMemory);
});

test(`whatever is read, the advisor can go on with it (seed ${seed})`, () => {
  const [view] = viewsOf([quarter(saturated('orders'))]);
  const written = encodeMemory(full());
  const damaged = fc
    .tuple(fc.nat(written.length - 1), fc.string({ maxLength: 3 }), fc.nat(40))
    .map(([at, text, cut]) => written.slice(0, at) + text + written.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(damaged, fc.json()), (text) => {
      if (view === undefined) return;
      advise(decodeMemory(text), view, defaultSettings);
    }),
    { seed, numRuns: 300 },
  );
});

test('what was learned of P99 before there were figures of requests is kept', () => {
  const learned = { seconds: 9, waitMs: 90, waitMs2: 900, p99: 900, waitP99: 9_000 };
  const older = { slices: 1_200, sliceMs: 900, sliceMs2: 9_000 };
  const known = { points: [], stretches: [], split: emptySplit, held: {} };
  const text = JSON.stringify({
    ...initialMemory,
    services: { a: { ...known, tail: { ...learned, ...older } }, b: known },
  });
  const { services } = decodeMemory(text);
  expect(services['a']?.tail).toMatchObject({ ...learned, requests: 0, heldMs: 0, heldMs2: 0 });
  expect(services['b']).toEqual(known);
});

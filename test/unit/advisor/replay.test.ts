import { expect, test } from 'vitest';
import { defaultLimits } from '../../../src/advisor/autopilot/limits.ts';
import type { Memory } from '../../../src/advisor/memory/memory.ts';
import { decodeMemory, encodeMemory } from '../../../src/advisor/memory/persist.ts';
import { shiftMemory } from '../../../src/advisor/memory/shift.ts';
import { type AdvisorInput, decodeInput } from '../../../src/advisor/replay/input.ts';
import { Replay } from '../../../src/advisor/replay/replay.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { View } from '../../../src/advisor/view.ts';
import type { Action } from '../../../src/protocol/action.ts';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import { instant, ms } from '../../../src/protocol/units.ts';
import { Advisory } from '../../../src/supervisor/advice/advisory.ts';
import {
  calm,
  lasting,
  minutes,
  play,
  saturated,
  second,
  serviceView,
  viewsOf,
} from '../../helpers/advisor.ts';

/** Figures as they are measured: no text holds every digit of them. */
const measured = (view: View): View => ({
  ...view,
  services: view.services.map((service) => ({
    ...service,
    arrivalsPerSecond: service.arrivalsPerSecond * (1 + Math.PI / 1_000),
    pending: service.pending + 1 / 3,
  })),
});

const hour = ms(3_600_000);

test('what was recorded, read again from a text, is decided again as it was', () => {
  const inputs: string[] = [];
  const said: Recommendation[] = [];
  let now = 0;
  // Advice is dismissed by the clock of the day, which is that of the fortieth second.
  const today = Date.now() - second(40);
  const { evaluationIntervalMs, cooldownMs, thresholds } = defaultSettings;
  const scaling = { autoExecute: false, limits: defaultLimits };
  const config = { evaluationIntervalMs, cooldownMs, thresholds, scaling };
  const open = (memory?: Memory): Advisory =>
    new Advisory({
      config: () => config,
      onEvent: () => undefined,
      onVerified: () => undefined,
      onInput: (input) => inputs.push(JSON.stringify(input)),
      memory,
    });
  let advisory = open();
  const live = (views: readonly View[], shiftedBy = 0): void => {
    for (const view of views.map(measured)) {
      now = view.at + today + shiftedBy;
      advisory.tick({ ...view, at: instant(now) });
      for (const one of advisory.recommendations) {
        if (!said.some(({ id }) => one.id === id)) said.push(one);
      }
    }
  };
  const rush = [saturated('orders'), saturated('billing')];
  live(viewsOf([calm(serviceView('orders'), serviceView('billing')), lasting(20, ...rush)]));
  const [first, other] = advisory.recommendations;
  if (first === undefined || other === undefined) throw new Error('Too little was advised');
  advisory.putAway(first.id, { by: 'ada', why: 'the sale ends at noon' });
  advisory.done(scaled(other.service), { recommendation: other });
  live(viewsOf([lasting(30, ...rush)], { from: 40 }));
  advisory.shift(hour);
  live(viewsOf([lasting(30, ...rush)], { from: 70 }), hour);
  // The next supervisor.
  const text = encodeMemory(advisory.memory);
  inputs.push(JSON.stringify({ type: 'memory', at: instant(now), isNote: false, text }));
  advisory = open(decodeMemory(text));
  live(viewsOf([lasting(700, ...rush)], { from: 110 }), hour);

  const replay = new Replay();
  for (const line of inputs) {
    const input = decodeInput(JSON.parse(line));
    expect(input).toBeDefined();
    if (input !== undefined) replay.push(input);
  }
  expect(said.length).toBeGreaterThan(3);
  expect(replay.cases.map(({ recommendation }) => recommendation)).toEqual(said);
});

const scaled = (service: string): Action => ({
  id: 'a-1',
  kind: 'scale',
  service,
  by: { uid: 1, user: 'ada', tty: '', origin: 'cli' },
  why: '',
  from: { group: service, workers: 1 },
  to: { group: service, workers: 2 },
  status: 'done',
  startedAt: new Date(second(40)).toISOString(),
  failedRequests: 0,
});

test.each<[string, unknown]>([
  ['no object', 'view'],
  ['another kind', { type: 'guess' }],
  ['a view without services', { type: 'view', view: { at: 1, machine: { cores: 1 } } }],
  ['a memory without a text', { type: 'memory', at: 1, isNote: true }],
  ['thresholds that are none', { type: 'settings', settings: { thresholds: 3 } }],
])('an input that is %s is not taken', (_name, value) => {
  expect(decodeInput(value)).toBeUndefined();
});

test('a note of the memory changes nothing in the midst of a replay', () => {
  const views = viewsOf([calm(serviceView('orders')), lasting(10, saturated('orders'))]);
  const note: AdvisorInput = { type: 'memory', at: second(25), isNote: true, text: 'damaged' };
  const replay = new Replay();
  for (const [index, view] of views.entries()) {
    if (index === 25) replay.push(note);
    replay.push({ type: 'view', view });
  }
  expect(replay.cases.map(({ recommendation }) => recommendation.action)).toEqual(['scale_up']);
});

test('on a clock that is set nothing is older or younger than before', () => {
  const idle = lasting(minutes(20), serviceView('orders', { workers: 3, busy: 5 }));
  const { memory } = play([idle]);
  for (const byMs of [hour, ms(-48 * hour)]) {
    const from = minutes(20) + byMs / 1_000;
    const rest = { ...idle, seconds: minutes(11) };
    const { opened } = play([rest], { memory: shiftMemory(memory, byMs), from });
    expect(opened).toEqual([[minutes(30) + byMs / 1_000, 'scale_down orders']]);
  }
});

import { describe, expect, test } from 'vitest';
import type { Action, ActionRequest } from '../../src/protocol/action.ts';
import type { Recommendation } from '../../src/protocol/advice.ts';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { plainReport } from '../../src/tui/plain/report.ts';
import { actionRows } from '../../src/tui/rows/actions.ts';
import { advisorRows } from '../../src/tui/rows/advisor.ts';
import { count, duration, latency, memory } from '../../src/tui/rows/figures.ts';
import { planRows } from '../../src/tui/rows/plan.ts';
import { costOf, costOfRequest, effectOf, headline } from '../../src/tui/rows/recommendation.ts';
import { timelineRows } from '../../src/tui/rows/timeline.ts';
import { calm, helped, investigate, plan, relieved, rush, scaled, scaleUp, twice } from './shop.ts';

const theme = { ascii: false, color: false };
const frame = { width: 80, theme };

const advisor = (snapshot: Snapshot, rows = 20, index = 0): string =>
  advisorRows(snapshot, { ...frame, rows, index }).join('\n');

const withAdvice = (advice: Recommendation): Snapshot => ({
  ...rush,
  advice: { ...rush.advice, recommendations: [advice] },
});

const timeline = (snapshot: Snapshot, rows = 12): string =>
  timelineRows(snapshot, { ...frame, rows, service: 'orders' }).join('\n');

describe('the advice', () => {
  test('has its effect in one line', () => {
    expect(effectOf(scaleUp, theme)).toBe(
      'CPU 92→46 %   P99 612→180 ms (150-220)   pending 240→40',
    );
    expect(effectOf(scaleUp, { ...theme, ascii: true })).toContain('CPU 92->46 %');
    expect(effectOf(investigate, theme)).toBe('not predicted, but measured afterwards');
  });

  test.each<readonly [Partial<Recommendation>, string, string | undefined]>([
    [{}, 'scale_up orders 1 → 2 workers', '+1 worker, about +150M, 0.8 of 2 cores idle'],
    [
      { action: 'scale_down', details: { currentWorkers: 3, suggestedWorkers: 1 } },
      'scale_down orders 3 → 1 worker',
      '-2 workers, about -300M',
    ],
    [
      { action: 'split_out', details: { group: 'main' } },
      'split_out orders out of main',
      '+1 worker, about +150M',
    ],
    [
      { action: 'colocate', details: { with: ['mailer'], savedMb: 72 } },
      'colocate orders with mailer',
      'about -72M',
    ],
    [{ action: 'migrate', details: {} }, 'migrate orders', undefined],
  ])('of %j is called by what it changes, and has its cost', (change, called, cost) => {
    const advice = { ...scaleUp, ...change };
    expect(headline(advice, theme)).toBe(called);
    expect(costOf(advice, rush)).toBe(cost);
  });

  test.each<readonly [ActionRequest, string | undefined]>([
    [
      { kind: 'scale', service: 'orders', workers: 3 },
      '+2 workers, about +300M, 0.6 of 2 cores idle',
    ],
    [{ kind: 'scale', service: 'orders', workers: 1 }, undefined],
    [{ kind: 'split', service: 'users' }, '+1 worker, about +85M, 0.6 of 2 cores idle'],
    [{ kind: 'restart', service: 'orders' }, 'one worker more for a while, about +150M'],
    [
      { kind: 'reload', service: 'orders' },
      'as many workers more until the new ones are proved, about +150M',
    ],
    [{ kind: 'stop', service: 'orders' }, '-1 worker, about -150M'],
    [{ kind: 'stop', service: 'users' }, undefined],
    [{ kind: 'start', service: 'users' }, undefined],
  ])('of an operator has its cost as well: %j', (request, cost) => {
    expect(costOfRequest(request, rush)).toBe(cost);
    const items = [{ plan: { ...plan, request } }];
    const wide = { width: 100, theme, rows: 16, foot: [], apply: false };
    const rows = planRows(rush, { ...wide, items }).join('\n');
    if (cost === undefined) expect(rows).not.toContain('cost ');
    else expect(rows).toContain(`cost       ${cost}`);
  });

  test('shows every signal against both of its lines, the worst first', () => {
    const rows = advisor(rush).split('\n');
    const signals = rows.flatMap((row) => /│ (P99|pending|max CPU\/W) .*▲.*◆/.exec(row)?.[1] ?? []);
    expect(signals).toEqual(['P99', 'pending', 'max CPU/W']);
    expect(advisor(rush)).toMatch(/612 ms +▲ 100 +◆ 500 +for 5 s/);
  });

  test('shows beside P99 how fast bad answers use up what there may be, as wide as there is room', () => {
    const rate = (forMs: number, times: number, line: number) => ({ forMs, times, line });
    const burnRates = [
      rate(60_000, 11.2, 10),
      rate(5_000, 100, 10),
      rate(600_000, 2, 3),
      rate(50_000, 11, 3),
    ];
    const evidence = scaleUp.evidence.map((one) =>
      one.signal === 'latencyP99Ms' ? { ...one, heldMs: 600_000, burnRates } : one,
    );
    const burning = withAdvice({ ...scaleUp, evidence });
    expect(advisor(burning)).toMatch(/for 10 min {2}burn 11x +│/);
    const wide = advisorRows(burning, { width: 120, theme, rows: 20, index: 0 }).join('\n');
    expect(wide).toContain('for 10 min  burn 11x/60 s 100x/5 s');
    expect(advisor(rush)).not.toContain('burn');
  });

  test('says in its headline that it is over, when it is only told as it may come back', () => {
    const reason = 'It is over, and only told on as it may soon come back; it was: P99 is 612 ms';
    const over = withAdvice({ ...scaleUp, severity: 'ok', overSince: scaleUp.since, reason });
    expect(advisor(over)).toContain('ADVISOR 1/1  ● over  scale_up orders 1 → 2 workers');
    expect(advisor(over)).toContain('why        It is over, and only told on');
  });

  test('tells of how many cases its confidence is known, where there is room', () => {
    const record = { strength: 1, cases: 420, cameTrue: 379 };
    const known = withAdvice({ ...scaleUp, confidence: 0.9, record });
    const wide = advisorRows(known, { width: 120, theme, rows: 20, index: 0 })[0];
    expect(wide).toContain('confidence 90% (379 of 420 came true)');
    expect(advisor(known)).toMatch(/confidence 90% ─/);
  });

  test('keeps the reason, the worst signal and the effect when there is little room', () => {
    const rows = advisor(rush, 6);
    expect(rows.split('\n')).toHaveLength(6);
    expect(rows).toContain('P99 is 612 ms');
    expect(rows).toContain('P99        ━');
    expect(rows).toContain('612→180 ms');
    expect(rows).not.toContain('command');
  });

  test('lists its steps when only a person can follow it', () => {
    expect(advisor(twice, 20, 1)).toContain('by hand    1 Look at the slowest database');
    expect(advisor(twice, 20, 1)).not.toContain('effect');
  });

  test('is missing with a reason', () => {
    expect(advisor(calm)).toContain('no service is under pressure');
    const because = 'the effect of the last action is being measured';
    const notAdvised = [{ service: 'orders', action: 'scale_up', because }] as const;
    const measured = { ...rush, advice: { ...rush.advice, recommendations: [], notAdvised } };
    expect(advisor(measured)).toContain('no advice now');
    expect(advisor(measured)).toContain(`no advice on orders: ${because}`);
  });

  test('tells how often advice has helped', () => {
    expect(advisor({ ...rush, actions: [helped, scaled] })).toContain('helped 1 of 1');
    expect(advisor(rush)).not.toContain('helped');
  });

  test('counts no action that was no advice of this kind', () => {
    const { recommendation: _none, ...own } = helped;
    const down = { ...helped, from: helped.to, to: helped.from };
    const reload = { ...own, kind: 'reload', to: own.from } as const;
    const actions = [own, down, reload, helped];
    expect(advisor({ ...rush, actions })).toContain('helped 1 of 1');
    expect(advisor({ ...rush, actions: [own, reload] })).not.toContain('helped');
    const done = actionRows({ ...rush, actions }, { ...frame, rows: 20, selected: 0 });
    expect(done.join('\n')).toContain('helped 2 of 2, by hand 1 of 1');
  });
});

describe('the last action', () => {
  const unhelpful: Action = {
    ...helped,
    verification: {
      predicted: {},
      actual: { cpu: 99, latencyP99Ms: 1_212 },
      helped: false,
    },
  };
  const because =
    'P99 went from 135 ms to 176 ms, predicted 366 to 441 ms, while the load grew twofold';
  const unclear: Action = {
    ...helped,
    verification: {
      predicted: { latencyP99Ms: 402 },
      actual: { cpu: 74, latencyP99Ms: 176 },
      helped: false,
      inconclusive: true,
      because,
    },
  };

  test('that nobody can judge says why, in full, where all actions are', () => {
    const snapshot = { ...relieved, actions: [unclear] };
    const rows = actionRows(snapshot, { ...frame, rows: 20, selected: 0 }).join('\n');
    expect(rows).toMatch(/scale orders 1→2 +done, no verdict/);
    const words = rows.replaceAll(/[│\s]+/g, ' ');
    expect(words).toContain(` verdict none: ${because} `);
    expect(words).toContain(' undo forge undo a-1 ');
  });

  test.each<readonly [Action, string]>([
    [unclear, 'scale orders 1→2: done, no verdict, U says why   u undo'],
    [{ ...scaled, status: 'running' }, 'scale orders 1→2: running'],
    [scaled, 'scale orders 1→2: done 30 s ago, its effect is being measured   u undo'],
    [{ ...scaled, kind: 'stop' }, 'stop orders 1→2: done 30 s ago   u undo'],
    [helped, 'scale orders 1→2: ● it helped, P99 171 ms, predicted 180   u undo'],
    [unhelpful, 'scale orders 1→2: ▲ no effect, P99 1212 ms, not predicted   u undo'],
    [{ ...scaled, status: 'undone' }, 'scale orders 1→2: undone '],
    [{ ...scaled, status: 'failed', error: 'no port' }, 'scale orders 1→2: failed, no port '],
  ])('$status is told as $1', (action, expected) => {
    expect(timeline({ ...relieved, actions: [action] })).toContain(expected);
  });
});

describe('the timeline', () => {
  test('shows when in the last minute things happened', () => {
    const marks = timeline(relieved)
      .split('\n')
      .find((row) => row.includes('⇄─'));
    expect(marks?.indexOf('⇄')).toBe(36);
    expect(marks).toMatch(/─{29}⇄─{29}●/);
  });

  test('has the newest event first, and as many as there is room for', () => {
    expect(timeline(relieved)).toMatch(
      /09:38:19.*it helped[\s\S]*09:37:49.*scale orders×1 → orders×2/,
    );
    expect(timeline(rush, 3).split('\n')[1]).toContain('scale_up advised');
    expect(timeline(rush, 2)).toBe('');
  });

  test('names workers as people call them', () => {
    const [event] = rush.events;
    if (event === undefined) throw new Error('nothing happened in the shop');
    const ended = { ...event, text: '_isolated:orders#1 ended (SIGKILL); it is started again' };
    expect(timeline({ ...rush, events: [ended] })).toContain(' orders#1 ended (SIGKILL)');
  });
});

test.each([
  [count(9_999), '9999'],
  [count(10_000), '10k'],
  [count(4.2e9), '4200M'],
  [latency(9_999), '9999ms'],
  [latency(12_400), '12.4s'],
  [memory(85 * 1024 * 1024), '85M'],
  [memory(12e9), '11G'],
  [duration(8_400), '8 s'],
  [duration(4 * 60_000), '4 min'],
  [duration(5 * 3_600_000), '5 h'],
  [duration(72 * 3_600_000), '3 d'],
])('a figure is short: %s', (text, expected) => {
  expect(text).toBe(expected);
});

test('the report for scripts has the services, each advice and the last action', () => {
  const report = plainReport({ ...twice, actions: [helped] }, { width: 120 });
  for (const text of ['gateway', 'ADVISOR 1/2', 'ADVISOR 2/2', 'it helped, P99 171 ms']) {
    expect(report).toContain(text);
  }
  expect(plainReport(rush, { width: 60, ascii: true })).toMatch(/^[\n\u0020-\u007E]*$/);
});

import fc from 'fast-check';
import type { Action } from '../../src/protocol/action.ts';
import { adviceActions, type Recommendation } from '../../src/protocol/advice.ts';
import { autopilotModes } from '../../src/protocol/autopilot.ts';
import type { Snapshot, TimelineEvent } from '../../src/protocol/control/messages.ts';
import { logLevels } from '../../src/protocol/logs.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import { readHistory } from '../../src/sdk/control/history.ts';
import { noLogs } from '../../src/tui/state/logs.ts';
import { type Replay, speeds } from '../../src/tui/state/replay.ts';
import { sorts } from '../../src/tui/state/services.ts';
import { initialState, type State } from '../../src/tui/state/state.ts';
import { toTape } from '../../src/tui/state/tape.ts';
import { type MenuKind, tabs } from '../../src/tui/state/view.ts';
import { pageOf } from '../helpers/past.ts';
import { explanation, inspection, logLines, slow } from './depths.ts';
import { calm, helped, plan, rush, scaled, scaleUp } from './shop.ts';

const severity = fc.constantFrom('ok', 'warning', 'critical');
/** Text from elsewhere may be in any script, and hold escapes and line ends. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.constant('\u001B[2J\u001B[31mred\r\nline'),
);
const name = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), text);
const figure = fc.oneof(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.nat({ max: 2_000 }));
const [firstService] = rush.status.services;

const service: fc.Arbitrary<ServiceStatus> = fc
  .record({
    name,
    severity,
    status: fc.constantFrom('ready', 'starting', 'backoff', 'failed', 'draining'),
    reason: text,
    cpu: figure,
    memoryBytes: fc.double({ min: 0, max: 1e13, noNaN: true }),
    pending: fc.nat(),
    requestsPerSecond: figure,
    errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    p99: figure,
    workers: fc.nat({ max: 3 }),
  })
  .map(({ p99, workers, ...figures }): ServiceStatus => {
    const [worker] = firstService?.workers ?? [];
    return {
      group: 'main',
      colocatedWith: ['users'],
      ...figures,
      workers: Array(workers).fill(worker),
      latencyMs: { p50: p99 / 4, p90: p99 / 2, p99, max: p99 * 2 },
    };
  });

const recommendation: fc.Arbitrary<Recommendation> = fc
  .record({
    action: fc.constantFrom(...adviceActions),
    service: name,
    severity,
    reason: text,
    steps: fc.array(text, { maxLength: 4 }),
  })
  .map((said) => ({ ...scaleUp, ...said }));

const event: fc.Arbitrary<TimelineEvent> = fc.record({
  at: fc.constantFrom('2026-11-25T09:37:20.000Z', '2026-11-25T09:38:19.629Z'),
  kind: fc.constantFrom('threshold', 'advice', 'action', 'verification', 'worker'),
  severity,
  service: name,
  text,
});

const action: fc.Arbitrary<Action> = fc.constantFrom<Action>(
  scaled,
  helped,
  { ...scaled, status: 'failed', error: 'no\nway' },
  { ...scaled, status: 'running' },
);

const series = fc.array(figure, { maxLength: 70 });

export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    services: fc.array(service, { maxLength: 14 }),
    recommendations: fc.array(recommendation, { maxLength: 3 }),
    events: fc.array(event, { maxLength: 20 }),
    actions: fc.array(action, { maxLength: 2 }),
    cpu: series,
    p99: series,
  })
  .map(({ services, recommendations, events, actions, cpu, p99 }) => ({
    status: { ...rush.status, services },
    advice: { ...rush.advice, recommendations },
    events,
    actions,
    history: Object.fromEntries(services.map((each) => [each.name, { cpu, p99 }])),
  }));

const menuOf = (kind: MenuKind, labels: readonly string[]) =>
  fc.record({
    type: fc.constant('menu' as const),
    kind: fc.constant(kind),
    title: text,
    choices: fc.array(
      fc.record({ key: fc.constantFrom('1', 'n'), label: fc.constantFrom(...labels), hint: text }),
      { minLength: 1, maxLength: 9 },
    ),
    selected: fc.constant(0),
  });

const dialog: fc.Arbitrary<State['dialog']> = fc.oneof(
  fc.constant<State['dialog']>({ type: 'none' }),
  fc.record({ type: fc.constant('help' as const), from: fc.nat({ max: 90 }) }),
  fc.record({
    type: fc.constant('plan' as const),
    items: fc.array(fc.record({ plan: fc.constant(plan), recommendation }), {
      minLength: 1,
      maxLength: 3,
    }),
    apply: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('why' as const),
    explanation: fc.constant(explanation),
    from: fc.nat({ max: 90 }),
  }),
  fc.record({
    type: fc.constant('slow' as const),
    slow: fc.constant(slow),
    from: fc.nat({ max: 90 }),
  }),
  fc.record({
    type: fc.constant('plan' as const),
    items: fc.record({ plan: fc.constant(plan) }).map((item) => [item]),
    apply: fc.constant(false as const),
    isDry: fc.constant(true as const),
  }),
  menuOf('sort', sorts),
  menuOf('level', logLevels),
  menuOf('dismiss', ['not now', 'wrong', 'never']),
  menuOf('place', ['orders', 'gateway', 'gone']),
  menuOf('mode', autopilotModes),
);

const openable = fc.oneof(name, fc.constantFrom('orders', 'gateway'));

const view: fc.Arbitrary<State['view']> = fc.oneof(
  fc.constant<State['view']>({ type: 'main' }),
  fc.record({
    type: fc.constant('service' as const),
    name: openable,
    tab: fc.constantFrom(...tabs),
    worker: fc.nat({ max: 2 }),
  }),
  fc.record({ type: fc.constant('logs' as const), services: fc.array(openable, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('actions' as const), selected: fc.nat({ max: 1 }) }),
);

const confirming: fc.Arbitrary<State['prompt']> = fc.record({
  purpose: fc.constant('confirm' as const),
  word: fc.constant('auto'),
  question: text,
  deed: fc.constant({ type: 'autopilot', mode: 'auto' } as const),
  text: fc.constantFrom('', 'aut', 'auto'),
  back: fc.constant(0),
});

const typing: fc.Arbitrary<State['prompt']> = fc.option(
  fc.record({
    purpose: fc.constantFrom(
      'filter' as const,
      'search' as const,
      'grep' as const,
      'command' as const,
      'time' as const,
      'machine' as const,
    ),
    text: fc.oneof(fc.constantFrom('', 'scale or', 'open '), text),
    back: fc.nat({ max: 1 }),
  }),
  { nil: undefined },
);

const prompt = fc.oneof({ weight: 4, arbitrary: typing }, { weight: 1, arbitrary: confirming });

const logs = fc
  .record({
    behind: fc.nat({ max: 50 }),
    isFollowing: fc.boolean(),
    search: fc.constantFrom('', 'orders', 'zzz'),
    filter: fc.constantFrom('', 'deadline'),
    level: fc.constantFrom(...logLevels),
    isUnfolded: fc.boolean(),
    isEmpty: fc.boolean(),
  })
  .map(({ isEmpty, ...change }) => ({ ...noLogs, ...change, lines: isEmpty ? [] : logLines }));

const period = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** What the fixed moments of the shop make as a past. */
export const shortTape = toTape({
  app: 'shop',
  machine: 'vm',
  thresholds: rush.advice.thresholds,
  history: await readHistory(async () => pageOf([calm, rush]), period),
  actions: [scaled],
});

const replay: fc.Arbitrary<Replay | undefined> = fc.option(
  fc
    .record({
      at: fc.integer({ min: Date.parse(rush.status.at) - 5_000, max: Date.parse(rush.status.at) }),
      isPlaying: fc.boolean(),
      speed: fc.constantFrom(...speeds),
      isRead: fc.boolean(),
      isFile: fc.boolean(),
    })
    .map(({ isRead, isFile, ...rest }) => ({
      ...rest,
      ...(isRead || isFile ? { tape: shortTape } : {}),
      ...(isFile ? { file: 'incident.gz' } : { live: rush }),
    })),
  { nil: undefined },
);

/** Any state that an operator could look at. */
export const anyState: fc.Arbitrary<State> = fc
  .record({
    snapshot: anySnapshot,
    view,
    dialog,
    prompt,
    logs,
    inspection: fc.constant(inspection),
    filter: fc.constantFrom('', 'a', 'zzz', 'cpu>10'),
    sort: fc.constantFrom(...sorts),
    isInverted: fc.boolean(),
    isSmall: fc.boolean(),
    isFrozen: fc.boolean(),
    pane: fc.nat({ max: 2 }),
    selected: fc.nat({ max: 13 }),
    notice: fc.oneof(fc.constant(''), text),
    connection: fc.constantFrom('live', 'late', 'lost'),
    readOnly: fc.boolean(),
    places: fc.constantFrom({}, { o: 'orders', x: 'gone' }),
    replay,
  })
  .map(({ prompt: line, replay: past, ...state }): State => {
    const typed = line === undefined ? {} : { prompt: line };
    const shown = past === undefined ? {} : { replay: past };
    return { ...initialState(state.readOnly), ...state, ...typed, ...shown };
  });

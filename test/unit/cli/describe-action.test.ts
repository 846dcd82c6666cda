import { expect, test } from 'vitest';
import { verdictAtLatestMs } from '../../../src/advisor/outcome/verify.ts';
import { describeActionInFull } from '../../../src/cli/advice/describe-action.ts';
import { describeAction } from '../../../src/cli/commands/actions.ts';
import type { Action, Verification } from '../../../src/protocol/action.ts';

const startedAt = '2026-11-22T10:00:00.000Z';
const finishedAt = '2026-11-22T10:00:03.500Z';

const action = (given: Partial<Action> = {}): Action => ({
  id: 'a-1',
  kind: 'scale',
  service: 'api',
  by: { uid: 1, user: 'ada', tty: '', origin: 'cli' },
  why: 'P99 is 612 ms (critical at 500 ms) for 6 s',
  recommendation: 'r-12ab',
  from: { group: 'api', workers: 2 },
  to: { group: 'api', workers: 4 },
  status: 'done',
  startedAt,
  finishedAt,
  failedRequests: 0,
  undo: 'forge undo a-1',
  ...given,
});

const verification = (given: Partial<Verification> = {}): Verification => ({
  predicted: { cpu: 48.2, latencyP99Ms: 118.4 },
  range: { cpu: { low: 45, high: 52 }, latencyP99Ms: { low: 95, high: 150 } },
  actual: { cpu: 47.1, latencyP99Ms: 171.2 },
  helped: true,
  because: 'P99 went from 612 ms to 171 ms, predicted 95 to 150 ms',
  ...given,
});

const described = (given: Partial<Action> = {}, now = Date.parse(finishedAt)): string =>
  describeActionInFull(action(given), { width: 120, now });

test('an action is told with what was predicted, what came, and the verdict', () => {
  expect(described({ verification: verification() }).split('\n')).toEqual([
    'scale api  done  a-1  by ada  2026-11-22T10:00:00.000Z',
    '  when     took 3.5 s, 0 requests failed meanwhile',
    '  what     api×2 → api×4',
    '  why      P99 is 612 ms (critical at 500 ms) for 6 s (advice r-12ab)',
    '  said     CPU per worker 48 % (45 to 52), P99 118 ms (95 to 150) at the load that came',
    '  came     CPU per worker 47 % (inside), P99 171 ms (outside)',
    '  verdict  it helped: P99 went from 612 ms to 171 ms, predicted 95 to 150 ms',
    '  undo     forge undo a-1',
    '',
  ]);
});

const soon = Date.parse(finishedAt) + verdictAtLatestMs;
const endings: readonly (readonly [string, Partial<Action>, number, string])[] = [
  [
    'that did not help',
    { verification: verification({ helped: false, because: 'P99 is as it was' }) },
    soon,
    'it did not help: P99 is as it was',
  ],
  [
    'of which nothing can be told',
    { verification: verification({ helped: false, inconclusive: true, because: 'no load' }) },
    soon,
    'it cannot be told whether it helped: no load',
  ],
  ['that is under way', { status: 'running' }, soon, 'none yet: it is under way'],
  ['that is being measured', {}, soon, 'none yet: its effect is being measured, for 150 s at most'],
  ['that nobody measured', {}, soon + 1, 'none: it was not measured'],
  ['that failed', { status: 'failed', error: 'no room' }, soon, 'none: it was not done'],
  ['that changes no layout', { kind: 'dismiss' }, soon, 'none: no service runs otherwise for it'],
  ['that stops a service', { kind: 'stop' }, soon, 'none: whether it helped is no question'],
];
test.each(endings)('the verdict on an action %s', (_name, ...[given, now, verdict]) => {
  expect(described(given, now)).toContain(`  verdict  ${verdict}\n`);
});

test('an action for which nothing was predicted says so', () => {
  const { range: _none, ...rest } = verification({ predicted: {} });
  const text = described({ verification: rest });
  expect(text).toContain('  said     nothing was predicted\n');
  expect(text).toContain('  came     CPU per worker 47 %, P99 171 ms\n');
});

test('an action on a service that is alone in its workers names the service, and no group', () => {
  const line = describeAction(
    action({
      from: { group: '_isolated:api', workers: 2 },
      to: { group: '_isolated:api', workers: 4 },
    }),
  );
  expect(line).toContain('scale api  api×2 → api×4  done');
});

import { expect, test } from 'vitest';
import { defaultLimits } from '../../../src/advisor/autopilot/limits.ts';
import { type AutoExecute, type AutopilotMode, modeOf } from '../../../src/protocol/autopilot.ts';
import { defaultThresholds } from '../../../src/protocol/thresholds.ts';
import { seconds } from '../../../src/protocol/units.ts';
import { Advisory } from '../../../src/supervisor/advice/advisory.ts';
import { calm, lasting, saturated, serviceView, viewsOf } from '../../helpers/advisor.ts';

const rush = viewsOf([calm(serviceView('orders')), lasting(10, saturated('orders'))]);

/** After a rush, in a mode that an operator chose or as the config has it. */
const after = (autoExecute: AutoExecute, mode?: AutopilotMode) => {
  const events: string[] = [];
  const advisory = new Advisory({
    config: () => ({
      evaluationIntervalMs: seconds(30),
      cooldownMs: seconds(120),
      thresholds: defaultThresholds,
      scaling: { autoExecute, limits: defaultLimits },
    }),
    mode: () => mode,
    onEvent: ({ text }) => events.push(text),
    onVerified: () => undefined,
    onInput: () => undefined,
  });
  for (const view of rush) advisory.tick(view);
  const [last] = rush.slice(-1);
  if (last === undefined) throw new Error('There is no view');
  return {
    events,
    mode: advisory.mode,
    advised: advisory.recommendations.map(({ action }) => action),
    executed: advisory.pilot(last, new Set()).execute.map(({ action }) => action),
    open: advisory.memory.open.map(({ recommendation }) => recommendation.action),
  };
};

test.each<readonly [AutoExecute, AutopilotMode | undefined, readonly string[]]>([
  [false, undefined, []],
  [false, 'auto', ['scale_up']],
  [true, undefined, ['scale_up']],
  [true, 'suggest', []],
  [{ split: true }, undefined, []],
  [{ split: true }, 'auto', []],
])(
  'with autoExecute %j and %s chosen it carries out %j of what it advises',
  (config, mode, done) => {
    expect(after(config, mode)).toMatchObject({
      mode: mode ?? modeOf(config),
      advised: ['scale_up'],
      executed: done,
    });
  },
);

test('when it is only to observe it says and does nothing, and still knows what it would say', () => {
  const observing = after(true, 'observe');
  expect(observing).toEqual({
    mode: 'observe',
    advised: [],
    executed: [],
    events: [],
    open: ['scale_up'],
  });
  expect(after(true).events).toEqual([expect.stringContaining('scale_up advised')]);
});

import { defaultThresholds } from '../../protocol/thresholds.ts';
import { seconds } from '../../protocol/units.ts';
import { readHistory } from '../../sdk/control/history.ts';
import { nowOf } from '../state/replay.ts';
import type { State } from '../state/state.ts';
import { type Tape, toTape } from '../state/tape.ts';
import type { Link } from './link.ts';

const hourMs = seconds(3_600);

/** The last hour as the supervisor keeps it, for a screen that goes back into it. */
export const readPast = async (link: Link, state: State): Promise<Tape> => {
  const { snapshot } = state;
  const now = nowOf(state);
  const period = { from: now - hourMs, to: now + 1, stepMs: 1_000 } as const;
  const [history, { actions }] = await Promise.all([
    readHistory(link.history, period),
    link.actions(period.from),
  ]);
  return toTape({
    app: snapshot?.status.app ?? '',
    machine: snapshot?.status.machine.name ?? '',
    thresholds: snapshot?.advice.thresholds ?? defaultThresholds,
    history,
    actions,
  });
};

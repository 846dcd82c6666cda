import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { Effect } from '../../src/tui/keys/key.ts';
import { press } from '../../src/tui/keys.ts';
import { initialState, type State, withSnapshot } from '../../src/tui/state/state.ts';

/** A console that shows a snapshot. */
export const looking = (snapshot: Snapshot, change: Partial<State> = {}): State => ({
  ...withSnapshot(initialState(false), snapshot),
  ...change,
});

/** The state after several keys, and what they asked for. */
export const typed = (state: State, ...names: readonly string[]) => {
  const effects: Effect[] = [];
  let now = state;
  for (const name of names) {
    const step = press(now, name);
    now = step.state;
    if (step.effect !== undefined) effects.push(step.effect);
  }
  return { state: now, effects };
};

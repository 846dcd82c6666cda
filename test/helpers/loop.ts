import type { Action } from '../../src/protocol/action.ts';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { defaultThresholds } from '../../src/protocol/thresholds.ts';
import { type DemoApp, startDemo } from './demo.ts';
import { type Load, type LoadSummary, startLoad } from './load.ts';
import { quietMachine } from './quiet-machine.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** The demo under load with the console open on it: where the whole loop can be gone through. */
export type Loop = AsyncDisposable & {
  readonly demo: DemoApp;
  readonly load: Load;
  readonly top: Terminal;
};

export type LoopOptions = {
  readonly phases: string;
  /** How long to wait for a machine with idle cores. */
  readonly quietWithinMs: number;
  readonly color?: boolean;
};

export const openLoop = async (options: LoopOptions): Promise<Loop> => {
  const { phases, quietWithinMs, color = false } = options;
  await using opened = new AsyncDisposableStack();
  const demo = opened.use(await startDemo());
  const env = { ...demo.env, NO_COLOR: color ? '' : '1' };
  const args = ['top', '--app', demo.directory];
  const top = opened.use(openTerminal(args, { columns: 120, rows: 36, env }));
  await top.shows('gateway');
  await quietMachine(quietWithinMs);
  const load = opened.use(startLoad(demo, phases));
  const all = opened.move();
  return { demo, load, top, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

/** What the loop took, all from clocks of the supervisor and of the load generator. */
export type LoopFigures = {
  /** From the first second of the rush to the recommendation. */
  readonly adviceAfterMs: number;
  /** From the accepting key to the new worker being ready and routed to. */
  readonly readyAfterMs: number;
  /** From then on to the first second whose P99 is under the warning line, if there was one. */
  readonly relievedAfterMs: number | undefined;
};

export type Observed = {
  readonly events: Snapshot['events'];
  readonly scaled: Action;
  readonly load: LoadSummary;
};

export const figuresOf = ({ events, scaled, load }: Observed): LoopFigures => {
  const { startedAt, finishedAt = startedAt } = scaled;
  const rush = load.phases.find(({ name }) => name === 'rush');
  const advised = events.find(({ kind, text }) => kind === 'advice' && text.includes('scale_up'));
  const ready = Date.parse(finishedAt);
  const first = Date.parse(load.startedAt);
  const relieved = load.perSecond
    .map(({ t, p99Ms }) => ({ at: first + t * 1_000, p99Ms }))
    .filter(({ at, p99Ms }) => at >= ready && p99Ms < defaultThresholds.latencyP99.warning)
    .map(({ at }) => at - ready);
  return {
    adviceAfterMs: Date.parse(advised?.at ?? '') - Date.parse(rush?.at ?? ''),
    readyAfterMs: ready - Date.parse(startedAt),
    relievedAfterMs: relieved.length === 0 ? undefined : Math.min(...relieved),
  };
};

import type { Plan } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { bySeverity } from '../../protocol/severity.ts';

export const sorts = ['config', 'severity', 'cpu', 'p99', 'pending'] as const;
export type Sort = (typeof sorts)[number];

export type Dialog =
  | { readonly type: 'none' }
  | { readonly type: 'help' }
  | { readonly type: 'detail' }
  | {
      readonly type: 'plan';
      readonly plan: Plan;
      readonly recommendation: string;
      readonly apply: boolean;
    };

export type State = {
  readonly snapshot?: Snapshot;
  readonly selected: number;
  readonly advice: number;
  readonly sort: Sort;
  readonly filter: string;
  readonly typing: boolean;
  readonly dialog: Dialog;
  readonly notice: string;
  readonly connected: boolean;
  readonly readOnly: boolean;
};

export const initialState = (readOnly: boolean): State => ({
  selected: 0,
  advice: 0,
  sort: 'config',
  filter: '',
  typing: false,
  dialog: { type: 'none' },
  notice: '',
  connected: true,
  readOnly,
});

const orders: Readonly<Record<Sort, (a: ServiceStatus, b: ServiceStatus) => number>> = {
  config: () => 0,
  severity: (a, b) => bySeverity(a.severity, b.severity),
  cpu: (a, b) => b.cpu - a.cpu,
  p99: (a, b) => b.latencyMs.p99 - a.latencyMs.p99,
  pending: (a, b) => b.pending - a.pending,
};

/** The services in view: filtered, and in the order asked for. */
export const visibleServices = ({ snapshot, filter, sort }: State): readonly ServiceStatus[] =>
  (snapshot?.status.services ?? [])
    .filter(({ name }) => name.includes(filter))
    .toSorted(orders[sort]);

export const selectedService = (state: State): ServiceStatus | undefined =>
  visibleServices(state)[state.selected];

export const currentAdvice = ({ snapshot, advice }: State): Recommendation | undefined =>
  snapshot?.advice.recommendations[advice];

const within = (value: number, count: number): number =>
  Math.max(0, Math.min(value, Math.max(0, count - 1)));

/** A new snapshot may have fewer services or recommendations than were selected among. */
export const withSnapshot = (state: State, snapshot: Snapshot): State => {
  const next = { ...state, snapshot, connected: true };
  return {
    ...next,
    selected: within(state.selected, visibleServices(next).length),
    advice: within(state.advice, snapshot.advice.recommendations.length),
  };
};

export const moved = (state: State, by: number): State => ({
  ...state,
  selected: within(state.selected + by, visibleServices(state).length),
});

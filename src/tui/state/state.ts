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
      readonly recommendation: Recommendation;
      /** Which button is chosen; Cancel until the operator says otherwise. */
      readonly apply: boolean;
    };

/** Live: snapshots come. Late: the supervisor is there and silent. Lost: it is gone. */
export type Connection = 'live' | 'late' | 'lost';

export type State = {
  readonly snapshot?: Snapshot;
  readonly selected: number;
  readonly advice: number;
  readonly sort: Sort;
  readonly filter: string;
  readonly typing: boolean;
  readonly dialog: Dialog;
  /** What was last said to the operator, and how many snapshots ago. */
  readonly notice: string;
  readonly noticeAge: number;
  readonly connection: Connection;
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
  noticeAge: 0,
  connection: 'live',
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

/**
 * What is selected stays selected when the new snapshot has it at another place: a key must not
 * reach another service or another recommendation than the one that was read.
 */
export const withSnapshot = (state: State, snapshot: Snapshot): State => {
  const next: State = { ...aged(state), snapshot, connection: 'live' };
  const services = visibleServices(next);
  const service = selectedService(state)?.name;
  const { recommendations } = snapshot.advice;
  const advice = currentAdvice(state)?.id;
  return {
    ...next,
    selected: place(
      services.findIndex(({ name }) => name === service),
      state.selected,
      services.length,
    ),
    advice: place(
      recommendations.findIndex(({ id }) => id === advice),
      0,
      recommendations.length,
    ),
  };
};

/** Something to tell the operator; it makes way for the keys after a while. */
export const said = (state: State, notice: string): State => ({ ...state, notice, noticeAge: 0 });

const noticeSnapshots = 10;

const aged = (state: State): State =>
  state.noticeAge < noticeSnapshots
    ? { ...state, noticeAge: state.noticeAge + 1 }
    : said(state, '');

const place = (found: number, otherwise: number, count: number): number =>
  found < 0 ? within(otherwise, count) : found;

/** The same service stays selected when the order or the filter changes, if it is still in view. */
export const reordered = (state: State, change: Partial<Pick<State, 'sort' | 'filter'>>): State => {
  const next = { ...state, ...change };
  const name = selectedService(state)?.name;
  const services = visibleServices(next);
  const found = services.findIndex((service) => service.name === name);
  return { ...next, selected: place(found, 0, services.length) };
};

export const moved = (state: State, by: number): State => ({
  ...state,
  selected: within(state.selected + by, visibleServices(state).length),
});

import type { Recommendation } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import type { ServiceStatus } from '../../protocol/metrics.ts';
import { type LogView, noLogs } from './logs.ts';
import type { Replay } from './replay.ts';
import { type Sort, visibleIn } from './services.ts';
import { advanced, type Trend } from './trend.ts';
import type { Dialog, Prompt, View } from './view.ts';

/** Live: snapshots come. Late: the supervisor is there and silent. Lost: it is gone. */
export type Connection = 'live' | 'late' | 'lost';

/** Where a supervisor answers: here, or on a machine that ssh gets to. */
export type Place =
  | { readonly socketPath: string }
  | { readonly host: string; readonly app?: string };

export type Context = { readonly name: string; readonly place: Place };

export type State = {
  /** The app at the moment that is drawn. */
  readonly snapshot?: Snapshot;
  readonly view: View;
  readonly dialog: Dialog;
  readonly prompt?: Prompt;
  readonly selected: number;
  readonly advice: number;
  readonly sort: Sort;
  readonly isInverted: boolean;
  readonly filter: string;
  readonly marks: readonly string[];
  /** Where a range of marks begins. */
  readonly rangeFrom?: string;
  readonly pins: readonly string[];
  /** Which part of the main view is shown where there is room for one only. */
  readonly pane: number;
  readonly isSmall: boolean;
  readonly logs: LogView;
  /** Of the service that is open. */
  readonly inspection?: Inspection;
  /** The last minutes of the service that was opened last. */
  readonly trend?: Trend;
  /** Commands that were typed, the newest first. */
  readonly commands: readonly string[];
  /** The figures stay as they are until they are let go on. */
  readonly isFrozen: boolean;
  /** Present while a moment of the past is shown. */
  readonly replay?: Replay;
  /** What was last said to the operator, and how many snapshots ago. */
  readonly notice: string;
  readonly noticeAge: number;
  readonly connection: Connection;
  /** How long nobody had answered when it was last tried. */
  readonly lostForMs?: number;
  readonly readOnly: boolean;
  /** A console that only watches may act until then, in ms since the epoch. */
  readonly armedUntil?: number;
  /** Letters that lead to services. */
  readonly places: Readonly<Record<string, string>>;
  readonly contexts: readonly Context[];
  /** Our name of a key → what the operator's file calls it. */
  readonly keyNames: Readonly<Record<string, readonly string[]>>;
};

export type Start = Partial<Pick<State, 'contexts' | 'keyNames' | 'replay'>>;

export const initialState = (readOnly: boolean, start: Start = {}): State => ({
  view: { type: 'main' },
  dialog: { type: 'none' },
  selected: 0,
  advice: 0,
  sort: 'config',
  isInverted: false,
  filter: '',
  marks: [],
  pins: [],
  places: {},
  pane: 0,
  isSmall: false,
  logs: noLogs,
  commands: [],
  isFrozen: false,
  notice: '',
  noticeAge: 0,
  connection: 'live',
  readOnly,
  contexts: [],
  keyNames: {},
  ...start,
});

/** The services in view: filtered, in the order asked for, and the pinned ones first. */
export const visibleServices = (state: State): readonly ServiceStatus[] =>
  visibleIn(state.snapshot?.status.services ?? [], state);

export const selectedService = (state: State): ServiceStatus | undefined => {
  const { view, snapshot } = state;
  return view.type === 'service'
    ? snapshot?.status.services.find(({ name }) => name === view.name)
    : visibleServices(state)[state.selected];
};

/** In an open service only the advice on it counts. */
export const currentAdvice = ({ snapshot, advice, view }: State): Recommendation | undefined => {
  const recommendations = snapshot?.advice.recommendations ?? [];
  return view.type === 'service'
    ? recommendations.find(({ service }) => service === view.name)
    : recommendations[advice];
};

/** Whose last minutes are drawn: of the open one, else of that which the advice or the last action is on. */
export const watchedService = (state: State): string => {
  const { view, snapshot } = state;
  if (view.type === 'service') return view.name;
  const name = currentAdvice(state)?.service ?? snapshot?.actions[0]?.service;
  return name ?? selectedService(state)?.name ?? '';
};

const within = (value: number, count: number): number =>
  Math.max(0, Math.min(value, Math.max(0, count - 1)));

/** What came from the supervisor; it waits while a moment of the past is shown. */
export const withSnapshot = (state: State, snapshot: Snapshot): State => {
  if (state.isFrozen && state.snapshot !== undefined) return { ...state, connection: 'live' };
  const { trend } = state;
  const next: State = {
    ...aged(state),
    connection: 'live',
    ...(trend === undefined ? {} : { trend: advanced(trend, snapshot) }),
  };
  const { replay } = next;
  return replay === undefined
    ? showing(next, snapshot)
    : { ...next, replay: { ...replay, live: snapshot } };
};

/**
 * What is selected stays selected when the new snapshot has it at another place: a key must not
 * reach another service or another recommendation than the one that was read.
 */
export const showing = (state: State, snapshot: Snapshot): State => {
  const next: State = { ...state, snapshot };
  const services = visibleServices(next);
  const service = visibleServices(state)[state.selected]?.name;
  const { recommendations } = snapshot.advice;
  const advice = state.snapshot?.advice.recommendations[state.advice]?.id;
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

/** May act for a while, or only watches again. */
export const armed = ({ armedUntil: _, ...state }: State, until: number | undefined): State =>
  until === undefined
    ? { ...state, readOnly: true }
    : { ...state, readOnly: false, armedUntil: until };

/** Something to tell the operator; it makes way for the keys after a while. */
export const said = (state: State, notice: string): State => ({ ...state, notice, noticeAge: 0 });

const noticeSnapshots = 10;

const aged = (state: State): State =>
  state.noticeAge < noticeSnapshots
    ? { ...state, noticeAge: state.noticeAge + 1 }
    : said(state, '');

const place = (found: number, otherwise: number, count: number): number =>
  found < 0 ? within(otherwise, count) : found;

type Order = Partial<Pick<State, 'sort' | 'isInverted' | 'filter' | 'pins'>>;

/** The same service stays selected when the order or the filter changes, if it is still in view. */
export const reordered = (state: State, change: Order): State => {
  const next = { ...state, ...change };
  const name = visibleServices(state)[state.selected]?.name;
  const services = visibleServices(next);
  const found = services.findIndex((service) => service.name === name);
  return { ...next, selected: place(found, 0, services.length) };
};

export const moved = (state: State, by: number): State =>
  selecting(state, within(state.selected + by, visibleServices(state).length));

/** The advice on a service comes into view with it. */
export const selecting = (state: State, selected: number): State => {
  const name = visibleServices(state)[selected]?.name;
  const { recommendations = [] } = state.snapshot?.advice ?? {};
  const advice = recommendations.findIndex(({ service }) => service === name);
  return { ...state, selected, advice: advice < 0 ? state.advice : advice };
};

/** To a service wherever one is; a filter that would hide it is dropped. */
export const openingService = (state: State, wanted: string): State => {
  const isSeen = visibleServices(state).some(({ name }) => name === wanted);
  const seen = isSeen ? state : reordered(state, { filter: '' });
  const selected = visibleServices(seen).findIndex(({ name }) => name === wanted);
  if (selected < 0) return said(state, `${wanted} is no service any more`);
  const { view } = state;
  return {
    ...selecting(seen, selected),
    view: view.type === 'service' ? { ...view, name: wanted, worker: 0 } : { type: 'main' },
  };
};

import { randomUUID } from 'node:crypto';
import type { View } from '../../advisor/view.ts';
import type {
  Action,
  ActionRequest,
  Actor,
  Layout,
  Plan,
  Verification,
} from '../../protocol/action.ts';
import { type AutopilotMode, modeOf } from '../../protocol/autopilot.ts';
import { nothingToUndo } from '../../protocol/errors.ts';
import { type ErrorData, fromErrorData, toErrorData } from '../../protocol/forge-error.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import { idMeant } from '../../protocol/short-id.ts';
import type { Engine } from '../engine.ts';
import { hindranceOf, undoPrefix } from './hindrance.ts';
import type { Entry, Journal } from './journal.ts';
import type { Move, Request } from './moves.ts';
import { toPlan } from './plan.ts';

export type ActionOrder = {
  /** The same id twice is one action. */
  readonly id: string;
  readonly request: Request;
  readonly why: string;
  readonly actor: Actor;
  readonly recommendation?: string;
};

/** What somebody did that changes no layout. */
export type Deed = {
  readonly kind: 'dismiss' | 'reconfigure' | 'autopilot' | 'upgrade' | 'stop';
  readonly by: Actor;
  /** Asked when it is done: what has come of it may be the reason to look at it later. */
  readonly why: string | (() => string);
  readonly service?: string;
  readonly recommendation?: string;
};

/** What operators do to a running app, each action journalled and, where one can, undone. */
export class Actions {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #running = new Map<string, Promise<Action>>();

  constructor(engine: Engine, journal: Journal) {
    this.#engine = engine;
    this.#journal = journal;
  }

  plan(request: ActionRequest, view: View | undefined): Plan {
    const { config, placements } = this.#engine;
    const { thresholds } = config.advisor;
    const known = { view, thresholds, actions: this.#journal.list() };
    return toPlan(request, this.#engine.plan(request), { placements, known });
  }

  /** Performs an order and journals how it ends; throws when it fails, as does each repetition. */
  async apply(order: ActionOrder): Promise<Action> {
    const running = this.#running.get(order.id);
    if (running !== undefined) return running;
    const known = this.#journal.get(order.id);
    if (known?.error !== undefined) throw fromErrorData(known.error);
    if (known !== undefined) return known.action;
    return this.#track(order, this.#planOf(order));
  }

  /** What is refused is journalled as well: somebody has tried. */
  checked<T>(order: ActionOrder, check: () => T): T {
    try {
      return check();
    } catch (cause) {
      this.refuse(order, toErrorData(cause));
      throw cause;
    }
  }

  /** Journals an order that nobody carries out. */
  refuse(order: ActionOrder, error: ErrorData): void {
    if (this.#journal.get(order.id) !== undefined) return;
    const { service } = order.request;
    const now = this.#engine.placements.find(({ services }) => services.includes(service));
    const layout = now === undefined ? nowhere : { group: now.group, workers: now.workers };
    const { action } = toEntry(order, { from: layout, to: layout });
    const end = { ...ended(), status: 'failed', error: error.message } as const;
    this.#journal.write({ action: { ...action, ...end }, error });
  }

  /** Journals what changes no layout: to put advice away, or to stop the app. */
  async note<T>(deed: Deed, perform: () => T | Promise<T>): Promise<T> {
    const startedAt = new Date().toISOString();
    try {
      const result = await perform();
      this.#journal.write({ action: { ...toAction(deed, startedAt), status: 'done' } });
      return result;
    } catch (cause) {
      this.noteFailure(deed, toErrorData(cause), startedAt);
      throw cause;
    }
  }

  /** The same of what did not come off. */
  noteFailure(deed: Deed, error: ErrorData, startedAt = new Date().toISOString()): void {
    const end = { status: 'failed', error: error.message } as const;
    this.#journal.write({ action: { ...toAction(deed, startedAt), ...end }, error });
  }

  /** What the config asks for by itself needs no word of an operator. */
  setMode(mode: AutopilotMode): void {
    const { autoExecute } = this.#engine.config.advisor.scaling;
    this.#journal.saveMode(mode === modeOf(autoExecute) ? undefined : mode);
  }

  /** Writes down what a full disk has not taken. */
  flush(): void {
    this.#journal.flush();
  }

  /** Undoes an action, or the last one that can be; `by` is the action that did it. */
  async undo(
    actor: Actor,
    id?: string,
    why?: string,
  ): Promise<{ readonly undone: Action; readonly by: Action }> {
    const { order, target } = this.undoOf(actor, id, why);
    const { inverse: _none, ...move } = this.#engine.plan(order.request);
    const by = await this.#track(order, move);
    const { undo: _done, ...action } = target.action;
    const undone: Action = { ...action, status: 'undone' };
    this.#journal.write({ ...target, action: undone });
    return { undone, by };
  }

  /** The order that takes an action back, or the last one that can be. */
  undoOf(
    actor: Actor,
    id?: string,
    why?: string,
  ): { readonly order: ActionOrder; readonly target: Entry } {
    const { inverse, ...target } = this.#undoable(id);
    const reason = `undo of ${target.action.id}${why === undefined ? '' : `: ${why}`}`;
    const order = {
      id: `${undoPrefix}${randomUUID().slice(0, 8)}`,
      request: inverse,
      why: reason,
      actor,
    };
    return { order, target };
  }

  /** A reload that the supervisor itself took back; it is journalled like anybody's action. */
  tookBack(group: string, why: string): Action | undefined {
    const reload = this.#journal
      .entries()
      .find(({ action }) => action.kind === 'reload' && action.to.group === group);
    if (reload === undefined) return undefined;
    const { action } = reload;
    this.#journal.write({ ...reload, action: { ...action, status: 'undone', error: why } });
    const at = new Date().toISOString();
    const rollback: Action = {
      ...action,
      id: `rollback-${randomUUID().slice(0, 8)}`,
      kind: 'rollback',
      by: { uid: process.getuid?.() ?? 0, user: 'threadforge', tty: '', origin: 'advisor' },
      why,
      status: 'done',
      startedAt: at,
      finishedAt: at,
    };
    this.#journal.write({ action: rollback });
    return rollback;
  }

  /** Newest first: the recent ones, or all since some time. */
  list(since?: number): readonly Action[] {
    return this.#journal.list(since);
  }

  setVerification(id: string, verification: Verification): void {
    this.#journal.setVerification(id, verification);
  }

  #undoable(id: string | undefined): Entry & { readonly inverse: Request } {
    const entry =
      id === undefined
        ? this.#journal.entries().find((one) => hindranceOf(one) === undefined)
        : this.#named(id);
    const hindrance = entry === undefined ? 'there is none of this id' : hindranceOf(entry);
    if (entry?.inverse === undefined || hindrance !== undefined) throw nothingToUndo(id, hindrance);
    return { ...entry, inverse: entry.inverse };
  }

  /** By the beginning of its id too. */
  #named(typed: string): Entry | undefined {
    const exact = this.#journal.get(typed);
    if (exact !== undefined) return exact;
    const known = this.#journal.entries().map(({ action }) => action.id);
    const meant = idMeant(typed, known);
    return meant === undefined ? undefined : this.#journal.get(meant);
  }

  #planOf(order: ActionOrder): Move {
    return this.checked(order, () => this.#engine.plan(order.request));
  }

  #track(order: ActionOrder, move: Move): Promise<Action> {
    const result = this.#perform(order, move).finally(() => this.#running.delete(order.id));
    this.#running.set(order.id, result);
    return result;
  }

  async #perform(order: ActionOrder, move: Move): Promise<Action> {
    const entry = toEntry(order, move);
    this.#journal.write(entry);
    using failures = this.#countFailures(move.touches);
    try {
      await this.#engine.apply(order.request);
    } catch (cause) {
      const error = toErrorData(cause);
      this.#finish(
        { ...entry, error },
        { status: 'failed', error: error.message },
        failures.count(),
      );
      throw cause;
    }
    this.#journal.saveOverrides(this.#engine.overrides);
    const undo = move.inverse === undefined ? {} : { undo: `forge undo ${order.id}` };
    return this.#finish(entry, { status: 'done', ...undo }, failures.count());
  }

  #finish(entry: Entry, end: Partial<Action>, failedRequests: number): Action {
    const action = { ...entry.action, ...end, ...ended(), failedRequests };
    this.#journal.write({ ...entry, action });
    return action;
  }

  /** Errors that the services an action touches report while it runs. */
  #countFailures(touched: readonly string[]): Disposable & { readonly count: () => number } {
    let errors = 0;
    const add = (_worker: string, { services }: WorkerSample): void => {
      for (const sample of services) if (touched.includes(sample.service)) errors += sample.errors;
    };
    this.#engine.on('sample', add);
    return {
      count: () => errors,
      [Symbol.dispose]: () => {
        this.#engine.off('sample', add);
      },
    };
  }
}

const nowhere: Layout = { group: '', workers: 0 };

const ended = (): Pick<Action, 'finishedAt' | 'failedRequests'> => ({
  finishedAt: new Date().toISOString(),
  failedRequests: 0,
});

const toAction = ({ service = '', why, ...deed }: Deed, startedAt: string) => ({
  ...deed,
  id: randomUUID(),
  why: typeof why === 'string' ? why : why(),
  service,
  from: nowhere,
  to: nowhere,
  startedAt,
  ...ended(),
});

const workerOf = (request: Request): Pick<Action, 'worker'> =>
  request.kind === 'restart' && request.worker !== undefined ? { worker: request.worker } : {};

const toEntry = (order: ActionOrder, move: Pick<Move, 'from' | 'to' | 'inverse'>): Entry => ({
  action: {
    id: order.id,
    kind: order.request.kind,
    service: order.request.service,
    ...workerOf(order.request),
    by: order.actor,
    why: order.why,
    ...(order.recommendation === undefined ? {} : { recommendation: order.recommendation }),
    from: move.from,
    to: move.to,
    status: 'running',
    startedAt: new Date().toISOString(),
    failedRequests: 0,
  },
  ...(move.inverse === undefined ? {} : { inverse: move.inverse }),
});

import { randomUUID } from 'node:crypto';
import { toActionRequest } from '../advisor/to-action.ts';
import type { Action, ActionRequest, Actor, Plan } from '../protocol/action.ts';
import type { Recommendation } from '../protocol/advice.ts';
import { notReady, refused, unknownService } from '../protocol/errors.ts';
import type { Actions } from './actions.ts';
import type { Advisory } from './advisory.ts';
import type { ControlBackend } from './control/server.ts';
import type { Engine } from './engine.ts';
import type { History } from './history/history.ts';
import { logsDir } from './logs/names.ts';
import { queryLogs } from './logs/reader/read-page.ts';
import type { Observer } from './observer.ts';

export type Parts = {
  readonly engine: Engine;
  readonly actions: Actions;
  readonly advisory: Advisory;
  readonly observer: Observer;
  readonly history: History;
  readonly stop: (timeoutMs: number) => void;
  readonly upgrade: (entry: string) => Promise<number>;
  readonly reconfigure: () => Promise<void>;
};

type Acting = Pick<Parts, 'engine' | 'actions' | 'advisory' | 'observer'>;

type Order = { readonly id: string; readonly request: ActionRequest; readonly why: string };

/** What the control socket can ask for, each method in terms of the supervisor's parts. */
export const operations = (parts: Parts): ControlBackend => {
  const { actions, advisory, observer, engine, history } = parts;
  return {
    status: async () => observer.status(),
    advise: async () => observer.advice(),
    actions: async ({ since }) => ({ version: 1, actions: actions.list(since) }),
    allocation: async () => observer.allocation(),
    snapshot: async () => observer.snapshot(),
    subscribe: async () => observer.snapshot(),
    logs: (query) =>
      queryLogs(
        logsDir(engine.config.directory),
        query,
        engine.config.services.map(({ name }) => name),
      ),
    routingTable: async () => engine.registry.table,
    history: async (query) => history.query(query),
    recording: async (query) => history.recording(query),
    metrics: async () => ({ text: await observer.prometheus() }),
    wait: async ({ timeoutMs }) => {
      await within(engine.settled(), timeoutMs, engine.config.app);
      return observer.status();
    },
    plan: async (params) =>
      'request' in params
        ? actions.plan(checked(engine, params.request))
        : planFor(parts, advisory.get(params.recommendation)),
    apply: (order, actor) => perform(parts, order, actor),
    accept: ({ id, recommendation }, actor) =>
      accept(parts, { id, advice: advisory.get(recommendation) }, actor),
    inspect: async ({ service }) => observer.inspect(service),
    dismiss: ({ recommendation, why, forMs }, by) => {
      const { service } = advisory.get(recommendation);
      return actions.note({ kind: 'dismiss', by, why, service, recommendation }, () => {
        observer.dismissed(advisory.dismiss(recommendation, forMs), by.user, why);
        return {};
      });
    },
    undo: async ({ action }, actor) => {
      const undone = await actions.undo(actor, action);
      observer.actionEnded(undone);
      return undone;
    },
    reconfigure: (_none, by) =>
      actions.note({ kind: 'reconfigure', by, why: '' }, async () => {
        await parts.reconfigure();
        return observer.status();
      }),
    upgrade: ({ entry }, by) =>
      actions.note({ kind: 'upgrade', by, why: entry }, async () => ({
        pid: await parts.upgrade(entry),
      })),
    stop: ({ timeoutMs }, by) =>
      actions.note({ kind: 'stop', by, why: '' }, () => {
        parts.stop(timeoutMs);
        return {};
      }),
  };
};

/** One action a group, one after the other, as `forge reload` does it. */
export const reloadAll = async (parts: Acting): Promise<void> => {
  const by = { uid: process.getuid?.() ?? 0, user: 'threadforge', tty: '', origin: 'api' } as const;
  for (const { services } of parts.engine.placements) {
    const [service = ''] = services;
    const order = {
      id: randomUUID(),
      request: { kind: 'reload', service },
      why: 'SIGHUP',
    } as const;
    // It is journalled as failed, and the old workers have gone on serving.
    await perform(parts, order, by).catch(() => undefined);
  }
};

const perform = async (
  { actions, advisory, observer, engine }: Acting,
  order: Order & { readonly advice?: Recommendation },
  actor: Actor,
): Promise<Action> => {
  const { advice, ...rest } = order;
  const recommendation = advice === undefined ? {} : { recommendation: advice.id };
  const request = checked(engine, order.request);
  const action = await actions.apply({ ...rest, request, actor, ...recommendation });
  advisory.done(action, request, advice);
  observer.actionEnded(action);
  return action;
};

const accept = (
  parts: Parts,
  { id, advice }: { readonly id: string; readonly advice: Recommendation },
  actor: Actor,
): Promise<Action> => {
  const request = toActionRequest(advice);
  if (request === undefined) throw byHand(advice);
  return perform(parts, { id: id || randomUUID(), request, why: advice.reason, advice }, actor);
};

const planFor = ({ actions }: Parts, advice: Recommendation): Plan => {
  const request = toActionRequest(advice);
  if (request === undefined) throw byHand(advice);
  return actions.plan(request);
};

const byHand = ({ action, service, steps }: Recommendation): Error =>
  refused(`${action} ${service} cannot be done with a key`, steps.join(' '));

const checked = (engine: Engine, request: ActionRequest): ActionRequest => {
  const known = engine.config.services.map(({ name }) => name);
  const named = [request.service, ...(request.kind === 'colocate' ? request.with : [])];
  const wrong = named.find((name) => !known.includes(name));
  if (wrong !== undefined) throw unknownService(wrong, known);
  return request;
};

const within = async (done: Promise<void>, timeoutMs: number, what: string): Promise<void> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(notReady(what, `not within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await Promise.race([done, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

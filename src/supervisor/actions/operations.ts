import { comingsAndGoings } from '../../protocol/config-change.ts';
import { notReady } from '../../protocol/errors.ts';
import { ms } from '../../protocol/units.ts';
import type { ControlBackend } from '../control/server.ts';
import type { History } from '../history/history.ts';
import { logsDir } from '../logs/names.ts';
import { queryLogs } from '../logs/reader/read-page.ts';
import type { Observer } from '../watch/observer.ts';
import { type Acting, accept, perform, planFor, undo } from './acting.ts';
import { changesOf } from './take-up.ts';

export type Parts = Acting & {
  readonly observer: Observer;
  readonly history: History;
  readonly stop: (timeoutMs: number) => void;
  readonly upgrade: (entry: string) => Promise<number>;
  readonly reconfigure: (names?: readonly string[]) => Promise<void>;
};

/** What the control socket can ask for, each method in terms of the supervisor's parts. */
export const operations = (parts: Parts): ControlBackend => {
  const { actions, advisory, observer, engine, history } = parts;
  return {
    status: async () => observer.status(),
    advise: async () => observer.advice(),
    explain: async ({ of }) => observer.explanation(of),
    calibration: async () => observer.calibration(),
    actions: async ({ since }) => ({ version: 1, actions: actions.list(since) }),
    events: async ({ since }) => observer.events(since),
    allocation: async () => observer.allocation(),
    snapshot: async () => observer.snapshot(),
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
    plan: async (target) => planFor(parts, target),
    apply: (order, actor) => perform(parts, order, actor),
    accept: ({ id, recommendation, workers }, actor) =>
      accept(parts, { id, advice: advisory.get(recommendation), workers }, actor),
    inspect: async ({ service }) => observer.inspect(service),
    slowest: ({ service }) => observer.slowest(service),
    dismiss: ({ recommendation: typed, why, forMs, isSnoozed = false }, by) => {
      const { service, id: recommendation } = advisory.get(typed);
      const time = forMs === undefined ? {} : { forMs: ms(forMs) };
      return actions.note({ kind: 'dismiss', by, why, service, recommendation }, () => {
        advisory.putAway(recommendation, { by: by.user, why, isSnoozed, ...time });
        return {};
      });
    },
    undo: ({ action }, actor) => undo(parts, actor, { id: action }),
    reconfigure: ({ services }, by) => {
      const of = services === undefined ? {} : { service: services.join(' ') };
      const before = engine.config.services;
      const why = (): string => comingsAndGoings(before, engine.config.services);
      return actions.note({ kind: 'reconfigure', by, why, ...of }, async () => {
        await parts.reconfigure(services);
        return observer.status();
      });
    },
    differences: async () => ({ version: 1, changes: await changesOf(engine) }),
    autopilot: ({ mode }, by) =>
      actions.note({ kind: 'autopilot', by, why: `${advisory.mode} → ${mode}` }, () => {
        actions.setMode(mode);
        observer.modeChosen(mode, by);
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

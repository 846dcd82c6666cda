import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Plan } from '../../src/protocol/action.ts';
import type { ControlMethod, Snapshot } from '../../src/protocol/control/messages.ts';
import { refused } from '../../src/protocol/errors.ts';
import type { Explanation } from '../../src/protocol/explanation.ts';
import type { HistoryPage } from '../../src/protocol/history/messages.ts';
import type { Inspection } from '../../src/protocol/inspection.ts';
import type { LogLine } from '../../src/protocol/logs.ts';
import type { SlowCalls } from '../../src/protocol/slow-calls.ts';
import {
  type ControlBackend,
  type ControlServer,
  serveControl,
} from '../../src/supervisor/control/server.ts';

export type Answers = {
  readonly snapshot: Snapshot;
  readonly plan?: Plan;
  readonly action?: Action;
  readonly inspection?: Inspection;
  readonly explanation?: Explanation;
  readonly slow?: SlowCalls;
  readonly logs?: readonly LogLine[];
  readonly history?: HistoryPage;
  /** The last minutes, which the console asks for by itself. */
  readonly trend?: HistoryPage;
};

export type Asked = { readonly method: ControlMethod; readonly params: object };

/** The supervisor's own control socket with fixed figures behind it, so that a screen can be told. */
export type FixedSupervisor = AsyncDisposable & {
  readonly socketPath: string;
  /** What was asked that plans or changes something, in order. */
  readonly asked: readonly Asked[];
  /** Resolves when a method has been asked for. */
  readonly isAsked: (method: ControlMethod) => Promise<Asked>;
  /** How many snapshots were given so far. */
  readonly served: () => number;
  readonly show: (snapshot: Snapshot) => void;
  /** No snapshot from now on until the next `show`. */
  readonly fallSilent: () => void;
  readonly close: () => Promise<void>;
  readonly open: () => Promise<void>;
};

export const serveFixed = async (answers: Answers): Promise<FixedSupervisor> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  const socketPath = join(directory, 'control.sock');
  const asked: Asked[] = [];
  const waiting = new Set<() => void>();
  let shown: Snapshot | undefined = answers.snapshot;
  const note = (method: ControlMethod, params: object): void => {
    asked.push({ method, params });
    for (const look of waiting) look();
  };
  let served = 0;
  const next = (): Snapshot | undefined => {
    served += 1;
    return shown;
  };
  const backend = backendOf(answers, { shown: next, note });
  let server: ControlServer | undefined;
  const open = async (): Promise<void> => {
    server = await serveControl({ socketPath, app: 'shop', backend, refused: () => undefined });
  };
  const close = async (): Promise<void> => {
    await server?.close();
    server = undefined;
  };
  await open();
  return {
    socketPath,
    asked,
    served: () => served,
    isAsked: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = asked.find(({ method }) => method === wanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    show: (snapshot) => {
      shown = snapshot;
    },
    fallSilent: () => {
      shown = undefined;
    },
    close,
    open,
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

type Behind = {
  readonly shown: () => Snapshot | undefined;
  readonly note: (method: ControlMethod, params: object) => void;
};

const nothing: Inspection = {
  service: '',
  latency: [],
  split: { cpuMs: 0, loopWaitMs: 0, downstreamMs: 0, otherMs: 0 },
  workers: [],
  calls: [],
  settings: [],
};

const backendOf = (
  { plan, action, inspection, explanation, slow, logs = [], history, trend }: Answers,
  behind: Behind,
): ControlBackend => {
  const now = (): Promise<Snapshot> => {
    const shown = behind.shown();
    return shown === undefined ? new Promise(() => undefined) : Promise.resolve(shown);
  };
  const answer = async <T>(method: ControlMethod, params: object, result: T | undefined) => {
    behind.note(method, params);
    if (result === undefined) throw refused(`${method} is refused here`, 'Ask for something else.');
    return result;
  };
  const asked: Partial<ControlBackend> = {
    snapshot: now,
    status: async () => (await now()).status,
    advise: async () => (await now()).advice,
    // It is asked for again and again while a service is open, and changes nothing.
    inspect: async ({ service }) => ({ ...(inspection ?? nothing), service }),
    logs: async ({ cursor }) => ({
      lines: cursor === undefined ? logs : [],
      cursor: { opened: 0, offsets: {} },
      isCaughtUp: true,
    }),
    // The last minutes are asked for by the console itself, and not by a key.
    history: async (params) => {
      if (params.figuresOnly !== true) return answer('history', params, history);
      if (trend !== undefined) return trend;
      throw refused('there is no history here', 'Look at the last minute.');
    },
    actions: async () => ({ version: 1, actions: action === undefined ? [] : [action] }),
    slowest: (params) => answer('slowest', params, slow),
    explain: (params) => answer('explain', params, explanation),
    plan: (params) => answer('plan', params, plan),
    accept: (params) => answer('accept', params, action),
    apply: (params) => answer('apply', params, action),
    dismiss: (params) => answer('dismiss', params, {}),
    undo: (params) => answer('undo', params, action),
  };
  // What the console does not ask for is refused, so that the backend has every method.
  return new Proxy(asked as ControlBackend, {
    get: (own, method: keyof ControlBackend) =>
      own[method] ?? ((params: object) => answer(method, params, undefined)),
  });
};

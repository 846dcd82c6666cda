import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Action, ActionRequest } from '../../../src/protocol/action.ts';
import type { Status } from '../../../src/protocol/metrics.ts';
import type { Endpoint } from '../../../src/protocol/topology.ts';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { type ControlClient, connect } from '../../../src/sdk/control/client.ts';
import { type CopiedApp, startCopy } from '../../helpers/app-copy.ts';

/** What was measured, with its unit → each time that it was. */
export type Figures = Readonly<Record<string, readonly number[]>>;

export type FaultApp = CopiedApp & {
  readonly runDir: string;
  readonly status: () => Promise<Status>;
  readonly pidsOf: (service: string) => Promise<readonly number[]>;
  /** The workers of all services that are ready. */
  readonly pidsOfAll: () => Promise<readonly number[]>;
  /** Where requests for a service may go. */
  readonly routesTo: (service: string) => Promise<readonly Endpoint[]>;
  /** What the timeline tells since then, oldest first. */
  readonly toldSince: (at: Date) => Promise<readonly string[]>;
  /** For the bench to print: nothing fails for it. */
  readonly note: (what: string, value: number) => void;
  readonly figures: () => Figures;
  readonly apply: (request: ActionRequest) => Promise<Action>;
  /** Takes back the last action that can be. */
  readonly undo: () => Promise<Action>;
  /** Has one worker of the target go wrong, and gives its pid. */
  readonly order: (kind: string) => Promise<number>;
  /** Resolves when a supervisor answers and no action of the journal is under way. */
  readonly settled: () => Promise<true>;
  /** Resolves when a look finds something; `what` says what was waited for in vain. */
  readonly until: <T>(what: string, look: () => Promise<T | undefined>) => Promise<T>;
  /** Resolves when every service has the workers it should have, all ready, `gone` not among them. */
  readonly whole: (gone?: readonly number[]) => Promise<Status>;
};

/** How many workers each service of the app has when nothing is wrong. */
const wanted: Readonly<Record<string, number>> = { front: 2, target: 2, neighbour: 2, looper: 1 };

/** Far longer than anything here takes; a supervisor that never comes back is a failure as well. */
const patienceMs = 40_000;
const lookEveryMs = 50;

export const startFaultApp = async (
  env: Readonly<Record<string, string>> = {},
): Promise<FaultApp> => {
  const app = await startCopy('test/fixtures/apps/faults', env);
  const runDir = app.env['FORGE_RUN_DIR'] ?? '';
  const figures: Record<string, number[]> = {};
  const ask = async <T>(question: (client: ControlClient) => Promise<T>): Promise<T> => {
    await using client = await connect(runFiles.control(runDir), { role: 'operator' });
    return await question(client);
  };
  const status = (): Promise<Status> => ask((client) => client.request('status', {}));
  const whole = async (gone: readonly number[] = []): Promise<Status> => {
    let last: Status | undefined;
    try {
      return await until('the app to be whole again', async () => {
        last = await status().catch(() => undefined);
        return last !== undefined && isWhole(last, gone) ? last : undefined;
      });
    } catch (cause) {
      throw new Error(`it is ${last === undefined ? 'not there' : outlineOf(last)}`, { cause });
    }
  };
  const settled = (): Promise<true> =>
    until('the end of an action', async () => {
      const found = await ask((client) => client.request('actions', {})).catch(() => undefined);
      return found?.actions.every((action) => action.status !== 'running') ? true : undefined;
    });
  return {
    ...app,
    runDir,
    until,
    settled,
    status,
    whole,
    note: (what, value) => {
      figures[what] = [...(figures[what] ?? []), value];
    },
    figures: () => figures,
    routesTo: async (service) => {
      const { services } = await ask((client) => client.request('routingTable', {}));
      return services[service]?.endpoints ?? [];
    },
    toldSince: async (at) => {
      const { events } = await ask((client) => client.request('snapshot', {}));
      return events.filter((event) => Date.parse(event.at) >= +at).map(({ text }) => text);
    },
    pidsOf: async (service) => readyPids(await status(), service),
    pidsOfAll: async () => {
      const last = await status();
      return last.services.flatMap(({ name }) => readyPids(last, name));
    },
    apply: (request) =>
      ask((client) => client.request('apply', { id: crypto.randomUUID(), request, why: 'a test' })),
    undo: () => ask((client) => client.request('undo', {})),
    order: async (kind) => {
      const response = await fetch(`${app.http}/fault/${kind}`, { method: 'POST' });
      const { pid } = (await response.json()) as { readonly pid: number };
      return pid;
    },
  };
};

const until: FaultApp['until'] = async (what, look) => {
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    // Without a pause the supervisor would be busy with these questions, and that be measured.
    await after(lookEveryMs);
  }
  throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}`);
};

const readyPids = ({ services }: Status, service: string): readonly number[] =>
  services
    .filter(({ name }) => name === service)
    .flatMap(({ workers }) => workers.filter(({ status }) => status === 'ready'))
    .map(({ pid }) => pid);

const outlineOf = ({ services }: Status): string =>
  services
    .map(({ name, status, reason = '', workers }) => {
      const each = workers.map((worker) => `${worker.id} ${worker.status}`).join(', ');
      return `${name} ${status} ${reason} (${each})`;
    })
    .join('; ');

const isWhole = (status: Status, gone: readonly number[]): boolean =>
  Object.entries(wanted).every(([service, count]) => {
    const pids = readyPids(status, service);
    return pids.length === count && !pids.some((pid) => gone.includes(pid));
  });

export const pathIn = (app: FaultApp, name: string): string => join(app.runDir, name);

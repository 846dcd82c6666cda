import { randomUUID } from 'node:crypto';
import type { Action, Plan } from '../../protocol/action.ts';
import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { ActionList, ControlMethods, Snapshot } from '../../protocol/control/messages.ts';
import type { Explanation } from '../../protocol/explanation.ts';
import type { HistoryPage, HistoryQuery } from '../../protocol/history/messages.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import type { LogPage, LogQuery } from '../../protocol/logs.ts';
import type { SlowCalls } from '../../protocol/slow-calls.ts';
import { connect } from '../../sdk/control/client.ts';
import { takeUp } from '../../sdk/control/take-up.ts';
import type { Planned, Target } from '../state/view.ts';

/** What the console needs of a supervisor; it could be on the other end of SSH. */
export type Link = {
  readonly plan: (target: Target) => Promise<Plan>;
  /** Before workers are replaced; answers why the config of a restart could not be taken up. */
  readonly takeUp: (
    kind: 'reload' | 'restart',
    services: readonly string[],
  ) => Promise<string | undefined>;
  readonly apply: (planned: Planned) => Promise<Action>;
  readonly dismiss: (given: ControlMethods['dismiss']['params']) => Promise<unknown>;
  readonly autopilot: (mode: AutopilotMode) => Promise<unknown>;
  readonly undo: (action: string) => Promise<Action>;
  readonly explain: (of: string) => Promise<Explanation>;
  readonly slowest: (service: string) => Promise<SlowCalls>;
  readonly inspect: (service: string) => Promise<Inspection>;
  readonly logs: (query: LogQuery) => Promise<LogPage>;
  readonly history: (query: HistoryQuery) => Promise<HistoryPage>;
  readonly actions: (since: number) => Promise<ActionList>;
  readonly closed: Promise<void>;
  readonly close: () => void;
};

export type LinkOptions = {
  readonly socketPath: string;
  readonly readOnly: boolean;
  readonly everyMs: number;
};

export const openLink = async (
  { socketPath, readOnly, everyMs }: LinkOptions,
  onSnapshot: (snapshot: Snapshot) => void,
): Promise<Link> => {
  const role = readOnly ? 'viewer' : 'operator';
  const client = await connect(socketPath, { role, actor: { origin: 'top' } });
  onSnapshot(await client.subscribe(everyMs, onSnapshot));
  return {
    plan: (target) =>
      client.request(
        'plan',
        'request' in target ? target : { recommendation: target.recommendation.id },
      ),
    takeUp: async (kind, services) => (await takeUp(client, kind, services)).broken?.message,
    apply: ({ plan, recommendation }) =>
      recommendation === undefined
        ? client.request('apply', { id: randomUUID(), request: plan.request, why: 'by hand' })
        : client.request('accept', {
            id: randomUUID(),
            recommendation: recommendation.id,
            // What was planned is what was shown; the advice may have gone on since.
            ...(plan.request.kind === 'scale' && { workers: plan.request.workers }),
          }),
    dismiss: (given) => client.request('dismiss', given),
    autopilot: (mode) => client.request('autopilot', { mode }),
    undo: (action) => client.request('undo', { action }),
    explain: (of) => client.request('explain', { of }),
    slowest: (service) => client.request('slowest', { service }),
    inspect: (service) => client.request('inspect', { service }),
    logs: (query) => client.request('logs', query),
    history: (query) => client.request('history', query),
    actions: (since) => client.request('actions', { since }),
    closed: client.closed,
    close: () => client.close(),
  };
};

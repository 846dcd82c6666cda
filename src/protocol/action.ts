import { spoken } from './topology.ts';

export const actionKinds = [
  'scale',
  'split',
  'colocate',
  'migrate',
  'reload',
  'restart',
  'rollback',
  'start',
  'dismiss',
  'reconfigure',
  'autopilot',
  'upgrade',
  'stop',
] as const;
export type ActionKind = (typeof actionKinds)[number];

const withoutLayout: readonly ActionKind[] = ['dismiss', 'reconfigure', 'autopilot', 'upgrade'];

/** It is journalled like any other, but no service runs otherwise for it; nor when the whole app stops. */
export const changesLayout = ({ kind, service }: Pick<Action, 'kind' | 'service'>): boolean =>
  kind === 'stop' ? service !== '' : !withoutLayout.includes(kind);

/** Whether it helped is a question: not so when a service is meant to be away. */
export const isMeasured = (action: Pick<Action, 'kind' | 'service'>): boolean =>
  changesLayout(action) && action.kind !== 'stop' && action.kind !== 'start';

export type Origin = 'top' | 'cli' | 'advisor' | 'api';

export type Actor = {
  readonly uid: number;
  readonly user: string;
  readonly tty: string;
  readonly origin: Origin;
};

/** What an operator asks for. */
export type ActionRequest =
  | { readonly kind: 'scale'; readonly service: string; readonly workers: number }
  | { readonly kind: 'split'; readonly service: string }
  | { readonly kind: 'colocate'; readonly service: string; readonly with: readonly string[] }
  /** New workers with the code that is on disk now; the old ones stay at hand while they bake. */
  | { readonly kind: 'reload'; readonly service: string }
  /** Of one worker, by its id, or of all of them. */
  | { readonly kind: 'restart'; readonly service: string; readonly worker?: string }
  /** Back to the workers from before a reload. */
  | { readonly kind: 'rollback'; readonly service: string }
  /** Until somebody starts it again, nobody answers for it. */
  | { readonly kind: 'stop'; readonly service: string }
  | { readonly kind: 'start'; readonly service: string };

/** Something that was looked at before a plan, and whether it speaks against it. */
export type Guard = { readonly text: string; readonly isAgainst: boolean };

/** The plan an operator reads before `apply`. */
export type Plan = {
  readonly request: ActionRequest;
  readonly title: string;
  readonly steps: readonly string[];
  /** Only of what changes the layout, and from no supervisor that is older than they are. */
  readonly guards?: readonly Guard[];
  readonly undo: string;
  readonly command: string;
};

/** What placement of a group an action changed. */
export type Layout = { readonly group: string; readonly workers: number };

export type Range = { readonly low: number; readonly high: number };

/** What an action was to bring and what it brought, at the load that came after it. */
export type Verification = {
  readonly predicted: { readonly cpu?: number; readonly latencyP99Ms?: number };
  /** Where eight of ten were to be. */
  readonly range?: { readonly cpu?: Range; readonly latencyP99Ms?: Range };
  readonly actual: { readonly cpu: number; readonly latencyP99Ms: number };
  readonly helped: boolean;
  /** It cannot be told whether it helped; `helped` is then false. */
  readonly inconclusive?: true;
  /** The verdict as a sentence. */
  readonly because?: string;
};

/** One journalled action. */
export type Action = {
  readonly id: string;
  readonly kind: ActionKind;
  readonly service: string;
  /** The one that was restarted, when it was not all of them. */
  readonly worker?: string;
  readonly by: Actor;
  readonly why: string;
  readonly recommendation?: string;
  readonly from: Layout;
  readonly to: Layout;
  readonly status: 'running' | 'done' | 'failed' | 'undone';
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly failedRequests: number;
  readonly error?: string;
  readonly verification?: Verification;
  readonly undo?: string;
};

/** Other processes in the same layout: of a whole group, whichever of its services was named. */
const renewals = ['reload', 'restart', 'rollback'] as const satisfies readonly ActionKind[];
export type RenewalKind = (typeof renewals)[number];

export const isRenewal = <T extends Pick<Action, 'kind'>>(
  one: T,
): one is T & { readonly kind: RenewalKind } =>
  (renewals as readonly ActionKind[]).includes(one.kind);

/** The service that an action is on, or the group. */
export const targetOf = (action: Pick<Action, 'kind' | 'service' | 'to'>): string =>
  isRenewal(action) && action.to.group !== '' ? spoken(action.to.group) : action.service;

/** The same, or the one worker. */
export const subjectOf = (action: Pick<Action, 'kind' | 'service' | 'to' | 'worker'>): string =>
  action.worker === undefined ? targetOf(action) : spoken(action.worker);

import { randomUUID } from 'node:crypto';
import { asShown } from '../../advisor/advice/as-shown.ts';
import { toActionRequest } from '../../advisor/advice/to-action.ts';
import {
  type Action,
  type ActionRequest,
  type Actor,
  isMeasured,
  type Plan,
} from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import { refused, unknownService } from '../../protocol/errors.ts';
import { spoken } from '../../protocol/topology.ts';
import type { Advisory } from '../advice/advisory.ts';
import type { Engine } from '../engine.ts';
import type { Actions } from './actions.ts';

/** What it takes to act: who performs and journals, who learns from it, and who tells. */
export type Acting = {
  readonly engine: Engine;
  readonly actions: Actions;
  readonly advisory: Advisory;
  readonly observer: { readonly actionEnded: (action: Action) => void };
};

type Order = {
  readonly id: string;
  readonly request: ActionRequest;
  readonly why: string;
  readonly advice?: Recommendation;
};

export const perform = async (
  { actions, advisory, observer, engine }: Acting,
  { advice, ...order }: Order,
  actor: Actor,
): Promise<Action> => {
  const recommendation = advice === undefined ? {} : { recommendation: advice.id };
  const asked = { ...order, actor, ...recommendation };
  const request = actions.checked(asked, () => checked(engine, order.request));
  const action = await actions.apply({ ...asked, request });
  if (isMeasured(action)) {
    advisory.done(action, advice === undefined ? {} : { recommendation: advice });
  }
  observer.actionEnded(action);
  return action;
};

type Acceptance = {
  readonly id: string;
  readonly advice: Recommendation;
  /** As many as whoever accepts it has seen. */
  readonly workers?: number | undefined;
};

export const accept = async (
  parts: Acting,
  { id, advice: newest, workers }: Acceptance,
  actor: Actor,
): Promise<Action> => {
  const request = requestOf(newest);
  const isSeen = workers !== undefined && request.kind === 'scale';
  const advice = isSeen ? asShown(newest, workers) : newest;
  if (advice === undefined) throw changedMeanwhile(newest);
  const order = { id: id || randomUUID(), request: requestOf(advice), why: advice.reason, advice };
  return perform(parts, order, actor);
};

export const planFor = (
  { engine, actions, advisory }: Acting,
  target: { readonly request: ActionRequest } | { readonly recommendation: string },
): Plan => {
  const request =
    'request' in target
      ? checked(engine, target.request)
      : requestOf(advisory.get(target.recommendation));
  return actions.plan(request, advisory.view);
};

export const requestOf = (advice: Recommendation): ActionRequest => {
  const request = toActionRequest(advice);
  if (request === undefined) throw byHand(advice);
  return request;
};

/** Takes an action back; why, when it is not the operator's own idea. */
export const undo = async (
  { actions, advisory, observer }: Acting,
  actor: Actor,
  { id, why }: { readonly id?: string | undefined; readonly why?: string },
): Promise<Action> => {
  const { undone, by } = await actions.undo(actor, id, why);
  if (isMeasured(by)) advisory.done(by, { undoes: undone.id });
  observer.actionEnded(by);
  return by;
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

const changedMeanwhile = ({ id, command }: Recommendation): Error =>
  refused(`${id} has become another size meanwhile: ${command}`, 'Look again, then accept it.');

const byHand = ({ action, service, steps }: Recommendation): Error =>
  refused(`${action} ${service} is done by hand`, steps.join(' '));

export const checked = (engine: Engine, request: ActionRequest): ActionRequest => {
  const known = engine.config.services.map(({ name }) => name);
  const named = [request.service, ...(request.kind === 'colocate' ? request.with : [])];
  const wrong = named.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    const [member] = engine.placements.find(({ group }) => group === wrong)?.services ?? [];
    // Those that share workers are scaled together: any of them stands for the group.
    if (request.kind === 'scale' && member !== undefined) return { ...request, service: member };
    const isRemote = engine.config.remotes.some(({ name }) => name === wrong);
    throw isRemote ? runsElsewhere(wrong) : unknownService(wrong, known);
  }
  return request.kind === 'restart' && request.worker !== undefined
    ? { ...request, worker: workerNamed(engine, request.service, request.worker) }
    : request;
};

const runsElsewhere = (name: string): Error =>
  refused(`${name} does not run here: it is one with \`type: 'remote'\``, 'Do it where it runs.');

/** By its id, or as people call it. */
const workerNamed = (engine: Engine, service: string, named: string): string => {
  const workers = engine.services().find(({ config }) => config.name === service)?.workers ?? [];
  const found = workers.find(({ id }) => id === named || spoken(id) === named);
  if (found !== undefined) return found.id;
  const known = workers.map(({ id }) => spoken(id)).join(', ');
  throw refused(`${service} has no worker ${named}`, `Name one of: ${known}.`);
};

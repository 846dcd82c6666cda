import { randomUUID } from 'node:crypto';
import type { Actor } from '../../protocol/action.ts';
import type { Order } from '../../protocol/control/messages.ts';
import { type ForgeError, toErrorData } from '../../protocol/forge-error.ts';
import { type Acting, requestOf } from './acting.ts';
import type { ActionOrder, Deed } from './actions.ts';

type Asked = { readonly order: ActionOrder } | { readonly deed: Deed };

/** Writes down what somebody has ordered who may only look on. */
export const journalRefusal = (
  parts: Acting,
  { order, by }: { readonly order: Order; readonly by: Actor },
  error: ForgeError,
): void => {
  const asked = askedFor(parts, order, by);
  if (asked === undefined) return;
  if ('order' in asked) parts.actions.refuse(asked.order, toErrorData(error));
  else parts.actions.noteFailure(asked.deed, toErrorData(error));
};

const askedFor = (parts: Acting, order: Order, by: Actor): Asked | undefined => {
  try {
    return named(parts, order, by);
  } catch {
    // Advice or an action that there is not: nothing of this app was ordered.
    return undefined;
  }
};

/** Undefined when nothing would be changed. */
const named = (
  { actions, advisory }: Acting,
  { method, params }: Order,
  by: Actor,
): Asked | undefined => {
  switch (method) {
    case 'apply':
      return { order: { ...params, actor: by } };
    case 'accept': {
      const advice = advisory.get(params.recommendation);
      const what = { request: requestOf(advice), why: advice.reason, recommendation: advice.id };
      return { order: { ...what, id: params.id || randomUUID(), actor: by } };
    }
    case 'undo':
      return { order: actions.undoOf(by, params.action).order };
    case 'dismiss': {
      const { recommendation, why } = params;
      const { service } = advisory.get(recommendation);
      return { deed: { kind: 'dismiss', by, why, service, recommendation } };
    }
    case 'reconfigure':
      return {
        deed: { kind: 'reconfigure', by, why: '', service: (params.services ?? []).join(' ') },
      };
    case 'autopilot':
      return { deed: { kind: 'autopilot', by, why: `${advisory.mode} → ${params.mode}` } };
    case 'upgrade':
      return { deed: { kind: 'upgrade', by, why: params.entry } };
    case 'stop':
      return { deed: { kind: 'stop', by, why: '' } };
    case 'routingTable':
      return undefined;
  }
};

export type { Action, ActionRequest, Actor, Plan } from '../../protocol/action.ts';
export type { Advice, Recommendation } from '../../protocol/advice.ts';
export type {
  ControlMethod,
  ControlMethods,
  Role,
  Snapshot,
} from '../../protocol/control/messages.ts';
export type { Status } from '../../protocol/metrics.ts';
export { type ConnectOptions, type ControlClient, connect } from './client.ts';
export { type History, historyPages, readHistory } from './history.ts';

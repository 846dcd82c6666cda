import { verdictAtLatestMs } from '../../advisor/outcome/verify.ts';
import type { ServiceView, View } from '../../advisor/view.ts';
import type { Action, ActionRequest, Guard } from '../../protocol/action.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import type { Move } from './moves.ts';

export type Known = {
  readonly view: View | undefined;
  readonly thresholds: Thresholds;
  /** Newest first. */
  readonly actions: readonly Action[];
};

/** Percent of all cores: what is started then takes its time from others. */
const fullMachine = 90;
/** Of the time of a request: more workers leave it as it is. */
const mostOfTheTime = 0.5;

/** What speaks for a change of the layout, or against it, in figures of now. */
export const guardsOf = ({ kind }: ActionRequest, move: Move, known: Known): readonly Guard[] => {
  const { from, to } = move;
  const { services: members = [] } = move.steps.find(({ group }) => group === to.group) ?? {};
  const views = known.view?.services.filter(({ service }) => members.includes(service)) ?? [];
  const before = kind === 'scale' ? from.workers : 0;
  const added = kind === 'colocate' ? 0 : to.workers - before;
  return [
    recency(move, known.actions),
    ...limits(views, to.workers),
    ...load(views, to.workers, known.thresholds),
    ...(added > 0 ? [...rooms(views, added, known.view), ...bottlenecks(views)] : []),
  ];
};

const recency = ({ touches }: Move, actions: readonly Action[]): Guard => {
  const open = actions.find(({ service, status, finishedAt, verification }) => {
    const ageMs = Date.now() - Date.parse(finishedAt ?? '');
    const isOpen = verification === undefined && ageMs < verdictAtLatestMs;
    return status === 'done' && touches.includes(service) && isOpen;
  });
  return open === undefined
    ? speaksFor('no action of the last minutes is still being measured')
    : against(`the effect of ${open.kind} ${open.service} is still being measured`);
};

const limits = (views: readonly ServiceView[], workers: number): readonly Guard[] => {
  const [narrowest] = views.toSorted((a, b) => a.maxWorkers - b.maxWorkers);
  if (narrowest === undefined) return [];
  const { service, minWorkers, maxWorkers } = narrowest;
  return [
    speaksFor(`${service} may have ${minWorkers} to ${maxWorkers} workers, and gets ${workers}`),
  ];
};

/** Those that are left, or share, may get more than they can do. */
const load = (
  views: readonly ServiceView[],
  workers: number,
  { cpu }: Thresholds,
): readonly Guard[] => {
  const cores = views.reduce((sum, one) => sum + (one.cpuPerWorker / 100) * one.workers, 0);
  const each = (cores / Math.max(1, workers)) * 100;
  if (views.length === 0) return [];
  const text = `each worker gets about ${each.toFixed(0)} % CPU of what there is now`;
  return [each >= cpu.critical ? against(text) : speaksFor(text)];
};

const rooms = (
  views: readonly ServiceView[],
  added: number,
  view: View | undefined,
): readonly Guard[] => {
  if (view === undefined) return [];
  const { cpu = 0, memoryFreeBytes } = view.machine;
  const freeMb = memoryFreeBytes / 1_024 / 1_024;
  const neededMb = added * Math.max(0, ...views.map(({ memoryMbPerWorker }) => memoryMbPerWorker));
  return [
    ...(cpu >= fullMachine
      ? [against(`the machine is at ${cpu.toFixed(0)} %: new workers take from the old ones`)]
      : []),
    ...(neededMb > freeMb
      ? [against(`it takes about ${neededMb.toFixed(0)} MB, and ${freeMb.toFixed(0)} MB are free`)]
      : []),
  ];
};

/** Where a request waits for something else, that may stay the bottleneck. */
const bottlenecks = (views: readonly ServiceView[]): readonly Guard[] =>
  views.flatMap(({ service, split }) => {
    const { cpuMs, loopWaitMs, externalMs, downstreamMs } = split;
    const waits = Object.entries(downstreamMs);
    const total = waits.reduce((sum, [, ms]) => sum + ms, cpuMs + loopWaitMs + externalMs);
    const all = [...waits, ['something outside of the app', externalMs] as const];
    const [most] = all.toSorted(([, a], [, b]) => b - a);
    if (most === undefined || total === 0 || most[1] / total < mostOfTheTime) return [];
    const share = ((most[1] / total) * 100).toFixed(0);
    return [against(`${service} waits ${share} % of its time for ${most[0]}, as it will then`)];
  });

const speaksFor = (text: string): Guard => ({ text, isAgainst: false });
const against = (text: string): Guard => ({ text, isAgainst: true });

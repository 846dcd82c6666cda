import type { Recommendation } from '../../protocol/advice.ts';
import { makesSmaller } from '../outcome/verdict.ts';
import type { ServiceView, View } from '../view.ts';
import { hourMs, keptForMore, memoryKeptMb, sureEnough } from './limits.ts';
import type { Pilot } from './pilot.ts';

type Circumstances = Pilot & {
  /** Chosen already in this second. */
  readonly execute: readonly Recommendation[];
};

/** Why the autopilot keeps off; undefined when this bound has nothing against it. */
type Bound = (advice: Recommendation, given: Circumstances) => string | undefined;

const isSure: Bound = ({ confidence }) =>
  confidence >= sureEnough
    ? undefined
    : `it is not sure enough: ${confidence} (${sureEnough} is needed)`;

/**
 * A group is one: whoever shares a worker is changed along. When a service itself may be changed
 * again is no question here: until then it is not advised on.
 */
const isAlone: Bound = ({ service, details }, { memory, view, busy, execute }) => {
  const together = new Set([service, ...matesOf(service, view), ...[details['with'] ?? []].flat()]);
  const isTaken = (name: string): boolean => together.has(String(name));
  if ([...busy].some(isTaken) || execute.some((one) => isTaken(one.service))) {
    return 'another action on it is under way';
  }
  const others = memory.waiting.filter((one) => one.service !== service);
  return others.some((one) => isTaken(one.service) || isTaken(one.measured))
    ? 'the effect of an action on its group is being measured'
    : undefined;
};

const isSeldom: Bound = (advice, { memory, view, settings, execute }) => {
  const { actionsPerHour } = settings.autopilot;
  const lately = memory.done.filter((done) => done.isAutopilots && view.at - done.at < hourMs);
  const acted = lately.length + execute.length;
  if (acted >= actionsPerHour) {
    return `it has acted ${acted} times in the last hour, as often as it may`;
  }
  const kept = Math.floor(actionsPerHour * keptForMore);
  return makesSmaller(advice.action) && acted >= actionsPerHour - kept
    ? `it has acted ${acted} times in the last hour, and may only add workers ${kept} times more`
    : undefined;
};

const hasWorkers: Bound = (advice, { view, settings, execute }) => {
  const { workers } = settings.autopilot;
  if (workers === undefined || added(advice) <= 0) return undefined;
  const after = workersOf(view) + sumOf(execute, added) + added(advice);
  return after <= workers
    ? undefined
    : `the app would have ${after} workers, and may have ${workers}`;
};

const hasMemory: Bound = (advice, { view, settings, execute }) => {
  if (added(advice) <= 0) return undefined;
  const mb = (one: Recommendation): number =>
    added(one) * (viewOf(one.service, view)?.memoryMbPerWorker ?? 0);
  const more = mb(advice) + sumOf(execute, mb);
  const free = view.machine.memoryFreeBytes / 1024 ** 2 - memoryKeptMb;
  if (more > free) {
    return `its workers need ${more.toFixed(0)} MB, and ${Math.max(0, free).toFixed(0)} MB can be spared`;
  }
  const { memory } = settings.autopilot;
  if (memory === undefined) return undefined;
  const after = memoryOf(view) + more;
  const limit = memory / 1024 ** 2;
  return after <= limit
    ? undefined
    : `the app would have ${after.toFixed(0)} MB, and may have ${limit.toFixed(0)} MB`;
};

/** What the app is to use afterwards must be there: other programs keep what they use. */
const hasCores: Bound = (advice, given) => {
  if (added(advice) <= 0) return undefined;
  const { memory, view, settings, execute } = given;
  const more = (one: Recommendation): number => moreCores(one, given);
  const wanted = more(advice) + sumOf(execute, more);
  const idle = view.machine.cores * (1 - (memory.machineCpu ?? 100) / 100);
  if (wanted > Math.max(idle, spareCores)) {
    return `it needs ${wanted.toFixed(1)} cores more, and ${idle.toFixed(1)} are idle`;
  }
  const { cores } = settings.autopilot;
  const after = coresOf(view) + wanted;
  return cores === undefined || after <= cores
    ? undefined
    : `the app would use ${after.toFixed(1)} cores, and may use ${cores}`;
};

/** Less than this is within what a reading of the machine is off by. */
const spareCores = 0.25;

export const bounds: readonly Bound[] = [
  isSure,
  isAlone,
  isSeldom,
  hasWorkers,
  hasMemory,
  hasCores,
];

/** A loop that waits in a blocking call is busy, and needs no core. */
const moreCores = (
  { service, details }: Recommendation,
  { memory, view }: Circumstances,
): number => {
  const seen = viewOf(service, view);
  if (seen === undefined) return 0;
  const now = (seen.cpuPerWorker * seen.workers) / 100;
  const loops = sumOf(seen.busyPerWorker, (busy) => busy / 100);
  const load = memory.services[service]?.queue?.load ?? loops;
  const after = Math.min(load, Number(details['suggestedWorkers']));
  return Math.max(0, after * Math.min(1, now / Math.max(0.01, loops)) - now);
};

const added = ({ details }: Recommendation): number => {
  const { currentWorkers, suggestedWorkers } = details;
  return currentWorkers === undefined ? 0 : Number(suggestedWorkers) - Number(currentWorkers);
};

const sumOf = <T>(all: readonly T[], pick: (one: T) => number): number =>
  all.reduce((sum, one) => sum + pick(one), 0);

const viewOf = (name: string, { services }: View): ServiceView | undefined =>
  services.find(({ service }) => service === name);

const matesOf = (name: string, view: View): readonly string[] =>
  viewOf(name, view)?.colocatedWith ?? [];

/** One service of each group: its workers are the group's. */
const groupsOf = ({ services }: View): readonly ServiceView[] => [
  ...new Map(services.map((one) => [one.group, one])).values(),
];

const workersOf = (view: View): number => sumOf(groupsOf(view), ({ workers }) => workers);

const memoryOf = (view: View): number =>
  sumOf(groupsOf(view), ({ workers, memoryMbPerWorker }) => workers * memoryMbPerWorker);

const coresOf = ({ services }: View): number =>
  sumOf(services, ({ workers, cpuPerWorker }) => (workers * cpuPerWorker) / 100);

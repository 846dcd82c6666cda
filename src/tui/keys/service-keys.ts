import type { ActionRequest } from '../../protocol/action.ts';
import { currentWorkers } from '../../protocol/standby.ts';
import { isIsolated } from '../../protocol/topology.ts';
import { type State, said, selectedService } from '../state/state.ts';
import { type Tab, tabs, type View } from '../state/view.ts';
import { canAct, type Key, past, type Step, stay } from './key.ts';

type Open = Extract<View, { readonly type: 'service' }>;

const openOf = ({ view }: State): Open | undefined => (view.type === 'service' ? view : undefined);

const withTab = (state: State, tab: Tab): State => {
  const open = openOf(state);
  return open === undefined ? state : { ...state, view: { ...open, tab } };
};

const turnTab = (state: State, by: number): Step => {
  const at = tabs.indexOf(openOf(state)?.tab ?? 'overview');
  return stay(withTab(state, tabs[(at + by + tabs.length) % tabs.length] ?? 'overview'));
};

const tabHelp: Readonly<Record<Tab, string>> = {
  overview: 'everything about the service at a glance',
  workers: 'its workers',
  latency: 'how long its requests take, and where the time goes',
  dependencies: 'who calls it, and whom it calls',
  logs: 'what it writes',
  config: 'its settings',
  advice: 'what is advised, what is not, and what was done',
};

export const tabKeys: readonly Key[] = [
  {
    keys: ['tab', 'right'],
    label: 'next',
    help: 'next tab',
    press: (state) => turnTab(state, 1),
  },
  { keys: ['shift-tab', 'left'], help: 'previous tab', press: (state) => turnTab(state, -1) },
  ...tabs.map(
    (tab, index): Key => ({
      keys: [String(index + 1)],
      help: tabHelp[tab],
      enabled: (state) => (openOf(state)?.tab === tab ? 'it is open already' : true),
      press: (state) => stay(withTab(state, tab)),
    }),
  ),
];

const turnWorker = (state: State, by: number): Step => {
  const open = openOf(state);
  const count = selectedService(state)?.workers.length ?? 0;
  if (open === undefined || count === 0) return stay(state);
  return stay({ ...state, view: { ...open, worker: (open.worker + by + count) % count } });
};

const hasMoreWorkers = (state: State): true | string =>
  (selectedService(state)?.workers.length ?? 0) > 1 ? true : 'there is no other worker';

/** The one that is pointed at, where the workers are on the screen. */
const pointedWorker = (state: State): string | undefined => {
  const open = openOf(state);
  if (open === undefined || !(open.tab === 'workers' || open.tab === 'overview')) return undefined;
  const { workers = [] } = selectedService(state) ?? {};
  return workers[Math.min(open.worker, workers.length - 1)]?.id;
};

export const workerKeys: readonly Key[] = [
  {
    keys: ['r'],
    label: 'restart',
    help: 'read the plan for a new worker in the place of the one that is pointed at',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      return pointedWorker(state) === undefined ? 'no worker is pointed at, 2 shows them' : true;
    },
    press: (state) => {
      const service = selectedService(state)?.name ?? '';
      const worker = pointedWorker(state) ?? '';
      return planned(state, [{ kind: 'restart', service, worker }]);
    },
  },
  {
    keys: ['j', 'down'],
    help: 'next worker',
    enabled: hasMoreWorkers,
    press: (state) => turnWorker(state, 1),
  },
  {
    keys: ['k', 'up'],
    help: 'previous worker',
    enabled: hasMoreWorkers,
    press: (state) => turnWorker(state, -1),
  },
];

/** The marked services, else the one that is selected. */
const targetsOf = (state: State): readonly string[] => {
  const name = selectedService(state)?.name;
  if (state.view.type === 'main' && state.marks.length > 0) return state.marks;
  return name === undefined ? [] : [name];
};

const planned = (state: State, requests: readonly ActionRequest[]): Step => ({
  state,
  effect: { type: 'plan', targets: requests.map((request) => ({ request })) },
});

const hasTarget = (state: State): true | string => {
  const allowed = canAct(state);
  if (allowed !== true) return allowed;
  return targetsOf(state).length === 0 ? 'no service is selected' : true;
};

const scaled = (state: State, by: number): Step => {
  const service = selectedService(state);
  if (service === undefined) return stay(state);
  const workers = currentWorkers(service.workers).length + by;
  return planned(state, [{ kind: 'scale', service: service.name, workers }]);
};

const canShrink = (state: State): true | string => {
  const allowed = hasTarget(state);
  const { workers = [] } = selectedService(state) ?? {};
  return allowed === true && currentWorkers(workers).length < 2
    ? 'a service has at least one worker'
    : allowed;
};

/** Each opens a plan first; nothing of the app is changed by the key itself. */
export const serviceKeys: readonly Key[] = [
  {
    keys: ['+'],
    label: 'scale',
    help: 'read the plan for one worker more',
    enabled: hasTarget,
    press: (state) => scaled(state, 1),
  },
  {
    keys: ['-'],
    help: 'read the plan for one worker less',
    enabled: canShrink,
    press: (state) => scaled(state, -1),
  },
  {
    keys: ['R'],
    help: 'read the plan for new workers, one after the other; of the marked services too',
    enabled: hasTarget,
    press: (state) =>
      planned(
        state,
        targetsOf(state).map((service) => ({ kind: 'restart', service })),
      ),
  },
  {
    keys: ['D'],
    help: 'read the plan for workers with the code and config on disk now',
    enabled: hasTarget,
    press: (state) =>
      planned(
        state,
        targetsOf(state).map((service) => ({ kind: 'reload', service })),
      ),
  },
  {
    keys: ['S'],
    help: 'read the plan to stop the service, whose name is then to be typed; or to start it again',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      return selectedService(state) === undefined ? 'no service is selected' : true;
    },
    press: (state) => {
      const { name: service = '', status } = selectedService(state) ?? {};
      return planned(state, [{ kind: status === 'stopped' ? 'start' : 'stop', service }]);
    },
  },
  {
    keys: ['O'],
    help: 'read the plan for workers of its own',
    enabled: (state) => {
      const allowed = hasTarget(state);
      const service = selectedService(state);
      return allowed === true && service !== undefined && isIsolated(service.group)
        ? `${service.name} has workers of its own already`
        : allowed;
    },
    press: (state) => {
      const service = selectedService(state)?.name ?? '';
      return planned(state, [{ kind: 'split', service }]);
    },
  },
  {
    keys: ['C'],
    help: 'read the plan for the marked services in the same workers',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      return state.marks.length < 2 ? 'mark two services with space first' : true;
    },
    press: (state) => {
      const [service = '', ...rest] = state.marks;
      return planned(state, [{ kind: 'colocate', service, with: rest }]);
    },
  },
  {
    keys: ['M'],
    help: 'read how the service is moved to another machine, which is done by hand',
    enabled: (state) => {
      if (state.replay !== undefined) return past;
      return selectedService(state) === undefined ? 'no service is selected' : true;
    },
    press: (state) => stay({ ...state, prompt: { purpose: 'machine', text: '', back: 0 } }),
  },
  {
    keys: ['T'],
    help: 'the slowest calls of the last minute: how long, who called, and their traces',
    enabled: (state) => {
      if (state.replay !== undefined) return 'slow calls are kept for a minute only, L is now';
      return selectedService(state) === undefined ? 'no service is selected' : true;
    },
    press: (state) => ({
      state,
      effect: { type: 'slowest', service: selectedService(state)?.name ?? '' },
    }),
  },
  {
    keys: ['l'],
    label: 'logs',
    help: 'what the service writes; with marks, what all of them write',
    press: (state) => {
      const services = targetsOf(state);
      const words = services.length === 0 ? 'all services' : services.join(', ');
      return stay(said({ ...state, view: { type: 'logs', services } }, `logs of ${words}`));
    },
  },
];

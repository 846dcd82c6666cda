import type { ActionRequest } from '../../protocol/action.ts';
import { autopilotModes } from '../../protocol/autopilot.ts';
import { snapshotPaceMs } from '../../protocol/control/messages.ts';
import { parseDuration } from '../../protocol/units.ts';
import { type Sort, sorts } from '../state/services.ts';
import { reordered, type State, said } from '../state/state.ts';
import { type Step, stay } from './key.ts';
import { toMode } from './menu-keys.ts';
import { toMigration } from './migrate.ts';
import { toUndo, undoable } from './undo.ts';

/** A command that is typed after `:`. */
export type Verb = {
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  /** What may stand at a place; the places count from 0. */
  readonly words: (state: State, place: number) => readonly string[];
  /** It changes the app, so that `forge` has it as well. */
  readonly changes?: true;
  readonly run: (state: State, args: readonly string[]) => Step;
};

const services = ({ snapshot }: State): readonly string[] =>
  (snapshot?.status.services ?? []).map(({ name }) => name);

const first =
  (words: (state: State) => readonly string[]): Verb['words'] =>
  (state, place) =>
    place === 0 ? words(state) : [];

const planned = (state: State, request: ActionRequest): Step => ({
  state,
  effect: { type: 'plan', targets: [{ request }] },
});

const wrong = (state: State, usage: string): Step => stay(said(state, `write: ${usage}`));

/** A verb that needs a service that is there. */
const ofService = (
  { name, usage, help, words = first(services) }: Omit<Verb, 'run' | 'words'> & Partial<Verb>,
  request: (service: string, rest: readonly string[]) => ActionRequest | undefined,
): Verb => ({
  name,
  usage,
  help,
  words,
  changes: true,
  run: (state, [service = '', ...rest]) => {
    if (service === '') return wrong(state, usage);
    if (!services(state).includes(service)) {
      return stay(said(state, `there is no service ${service}`));
    }
    const asked = request(service, rest);
    return asked === undefined ? wrong(state, usage) : planned(state, asked);
  },
});

const changing: readonly Verb[] = [
  ofService(
    { name: 'scale', usage: 'scale SERVICE WORKERS', help: 'give a service so many workers' },
    (service, [count = '']) =>
      /^[1-9]\d*$/.test(count) ? { kind: 'scale', service, workers: Number(count) } : undefined,
  ),
  ofService(
    { name: 'split', usage: 'split SERVICE', help: 'give a service workers of its own' },
    (service) => ({ kind: 'split', service }),
  ),
  ofService(
    {
      name: 'colocate',
      usage: 'colocate SERVICE WITH…',
      help: 'place services in the same workers',
      words: services,
    },
    (service, rest) => (rest.length === 0 ? undefined : { kind: 'colocate', service, with: rest }),
  ),
  ofService(
    { name: 'restart', usage: 'restart SERVICE', help: 'new workers, one after the other' },
    (service) => ({ kind: 'restart', service }),
  ),
  ofService(
    { name: 'reload', usage: 'reload SERVICE', help: 'workers with the code and config on disk' },
    (service) => ({ kind: 'reload', service }),
  ),
  ofService(
    { name: 'stop', usage: 'stop SERVICE', help: 'until it is started, nobody answers for it' },
    (service) => ({ kind: 'stop', service }),
  ),
  ofService(
    { name: 'start', usage: 'start SERVICE', help: 'a service that was stopped' },
    (service) => ({ kind: 'start', service }),
  ),
  ofService(
    { name: 'rollback', usage: 'rollback SERVICE', help: 'back to before the reload' },
    (service) => ({ kind: 'rollback', service }),
  ),
  {
    name: 'autopilot',
    usage: 'autopilot observe|suggest|auto',
    help: 'whether advice is only watched for, suggested or carried out',
    changes: true,
    words: first(() => autopilotModes),
    run: (state, [word = '']) => {
      const mode = autopilotModes.find((each) => each === word);
      return mode === undefined
        ? wrong(state, 'autopilot observe|suggest|auto')
        : toMode(state, mode);
    },
  },
  {
    name: 'undo',
    usage: 'undo [ACTION]',
    help: 'take back the last action, or the one named',
    changes: true,
    words: first(({ snapshot }) =>
      (snapshot?.actions ?? [])
        .filter(({ status, undo }) => status === 'done' && undo !== undefined)
        .map(({ id }) => id),
    ),
    run: (state, [id]) => {
      const action = undoable(state, id);
      return action === undefined
        ? stay(said(state, id === undefined ? 'no action can be undone' : `${id} cannot be undone`))
        : toUndo(state, action);
    },
  },
];

const looking: readonly Verb[] = [
  {
    name: 'open',
    usage: 'open SERVICE',
    help: 'look into a service',
    words: first(services),
    run: (state, [name = '']) =>
      services(state).includes(name)
        ? stay({ ...state, view: { type: 'service', name, tab: 'overview', worker: 0 } })
        : stay(said(state, `there is no service ${name}`)),
  },
  {
    name: 'migrate',
    usage: 'migrate SERVICE MACHINE',
    help: 'read how a service is moved to another machine, by hand',
    words: first(services),
    run: (state, [name = '', to = '']) =>
      services(state).includes(name)
        ? toMigration(state, name, to)
        : stay(said(state, `there is no service ${name}`)),
  },
  {
    name: 'logs',
    usage: 'logs [SERVICE…]',
    help: 'read what services write',
    words: services,
    run: (state, names) => {
      const unknown = names.find((name) => !services(state).includes(name));
      return unknown === undefined
        ? stay({ ...state, view: { type: 'logs', services: names } })
        : stay(said(state, `there is no service ${unknown}`));
    },
  },
  {
    name: 'sort',
    usage: 'sort ORDER',
    help: 'order the services',
    words: first(() => sorts),
    run: (state, [sort = '']) =>
      (sorts as readonly string[]).includes(sort)
        ? // It is one of them: so says the line above.
          stay(reordered(state, { sort: sort as Sort }))
        : wrong(state, `sort ${sorts.join('|')}`),
  },
  {
    name: 'filter',
    usage: 'filter [QUERY…]',
    help: 'show only some services',
    words: () => [],
    run: (state, words) => stay(reordered(state, { filter: words.join(' ') })),
  },
  {
    name: 'actions',
    usage: 'actions',
    help: 'what was done',
    words: () => [],
    run: (state) => stay({ ...state, view: { type: 'actions', selected: 0 } }),
  },
  {
    name: 'every',
    usage: 'every TIME',
    help: 'a frame so often, from 200ms to 10s',
    words: () => [],
    run: (state, [time = '']) => {
      const everyMs = parseDuration(time);
      return everyMs === undefined ||
        everyMs < snapshotPaceMs.fastest ||
        everyMs > snapshotPaceMs.slowest
        ? wrong(state, 'every TIME, from 200ms to 10s')
        : { state, effect: { type: 'pace', everyMs } };
    },
  },
  {
    name: 'theme',
    usage: 'theme',
    help: 'the next theme',
    words: () => [],
    run: (state) => ({ state, effect: { type: 'theme' } }),
  },
  {
    name: 'help',
    usage: 'help',
    help: 'every key',
    words: () => [],
    run: (state) => stay({ ...state, dialog: { type: 'help', from: 0 } }),
  },
  {
    name: 'quit',
    usage: 'quit',
    help: 'leave; the app keeps running',
    words: () => [],
    run: (state) => ({ state, effect: { type: 'quit' } }),
  },
];

export const verbs: readonly Verb[] = [...changing, ...looking];

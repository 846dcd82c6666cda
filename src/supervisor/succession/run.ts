import { randomUUID } from 'node:crypto';
import { appFiles } from '../../protocol/app-files.ts';
import {
  type EntryService,
  hasEntry,
  isCommand,
  type ServiceConfig,
} from '../../protocol/topology.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';
import type { AppConfig } from '../config/app-config.ts';
import { isIngress } from '../crew/crew.ts';
import { prepareFolder } from '../host/writable-folder.ts';
import { logsDir } from '../logs/names.ts';
import { endLeftovers } from '../process/leftovers.ts';
import { goOnBy, runClock } from '../process/own-environment.ts';
import { prepareEntry } from '../process/prepare-entry.ts';
import { longestStop } from '../topology/longest-stop.ts';
import { claimAppFolder, claimRunDir, readOwner, type Waiting } from './claim.ts';
import { HeldPorts, portsIn } from './held-ports.ts';
import { readNotes, sweep } from './notes.ts';
import { dropRunState, loadRunState, type RunState, saveRunState } from './run-state.ts';
import { leaveSuccession, withdrawSuccession } from './testament.ts';

/** One run of an app, from `forge start` to `forge stop`, however many supervisors it sees. */
export type Run = {
  readonly id: string;
  readonly directory: string;
  readonly ports: HeldPorts;
  readonly entries: ReadonlyMap<string, string>;
  /** Processes of this run that an earlier supervisor started. */
  readonly inherited: readonly Note[];
  /** What could not be read of what an earlier supervisor left, in words. */
  readonly damage: readonly string[];
  /** Makes the files of these services ready, from what is on disk now; the config is noted. */
  readonly prepare: (config: AppConfig, services: readonly string[]) => Promise<void>;
  /** Holds the port that a command asked for. */
  readonly hold: (command: string, port: number) => void;
  /** Tells the next supervisor that other ports are open, under this config. */
  readonly note: (config: AppConfig) => void;
  /** The run is over: nobody takes it up again. */
  readonly end: () => void;
  /** Gives the directory to the next supervisor, if there is one. */
  readonly leave: () => void;
};

export type RunOptions = {
  readonly config: AppConfig;
  readonly directory: string;
  /** The state of a run that goes on under this supervisor. */
  readonly state?: RunState;
  readonly handedOn?: HandedOn;
  readonly waiting?: Waiting;
};

/** The ports whose descriptors the process that started this supervisor has handed on. */
export type HandedOn = readonly number[] | 'all';

/**
 * A run whose workers live without a supervisor, and start none themselves: whoever starts the app
 * goes on with it.
 */
export const abandonedRun = (directory: string): RunState | undefined => {
  const state = loadRunState(directory);
  if (state === undefined || state.config.supervisor.successor) return undefined;
  if (readOwner(directory) !== undefined) return undefined;
  const isLiving = (note: Note): boolean => note.runId === state.runId && isAlive(note);
  return readNotes(directory).some(isLiving) ? state : undefined;
};

/** A supervisor that is being replaced needs a moment to go. */
const claimWaitMs = 10_000;

export const openRun = async (options: RunOptions): Promise<Run> => {
  const { config, directory, state } = options;
  const isHandedOn = state !== undefined;
  const claim = {
    app: config.app,
    isHandedOn,
    ...(options.waiting === undefined ? {} : { waiting: options.waiting }),
    waitMs: isHandedOn ? claimWaitMs : longestStop(config),
  };
  if (state === undefined) prepareFolder(folderOf(config));
  using claims = new DisposableStack();
  const claimed = claims.use(await claimRunDir(directory, claim));
  claims.use(await claimAppFolder(config.directory, { ...claim, runDir: directory }));
  const id = state?.runId ?? randomUUID();
  const notes = readNotes(directory);
  const damage = [...claimed.damage, ...sweep(directory, notes)];
  // Of too many workers the oldest go: those of a reload that its supervisor did not live to end.
  const inherited = notes
    .filter((note) => note.runId === id && isAlive(note))
    .toSorted((a, b) => b.startedAt - a.startedAt);
  await endLeftovers(
    directory,
    notes.filter((note) => !inherited.includes(note)),
  );
  const entries = new Map(Object.entries(await entriesOf(options)));
  const ports = portsOf(options, inherited);
  claims.defer(() => ports.close());
  const held = { id, entries, ports };
  goOnBy(state?.clock);
  publish(options, held);
  const kept = claims.move();
  return {
    ...held,
    directory,
    inherited,
    damage,
    prepare: async (config, services) => {
      const members = config.services.filter(hasEntry);
      const asked = members.filter(({ name }) => services.includes(name));
      for (const [name, file] of await prepared(config, asked)) entries.set(name, file);
      saveState({ ...options, config }, held);
    },
    hold: (command, port) => {
      held.ports.add(command, port);
      publish(options, held);
    },
    note: (running) => publish({ ...options, config: running }, held),
    end: () => {
      withdrawSuccession(directory);
      dropRunState(directory);
    },
    leave: () => kept.dispose(),
  };
};

const entriesOf = async ({
  config,
  state,
}: RunOptions): Promise<Readonly<Record<string, string>>> => {
  if (state !== undefined) return state.entries;
  return Object.fromEntries(await prepared(config, config.services.filter(hasEntry)));
};

/** All at once: esbuild has to be started once then. */
const prepared = (
  config: AppConfig,
  services: readonly EntryService[],
): Promise<readonly (readonly [string, string])[]> =>
  Promise.all(
    services.map(
      async (service) => [service.name, await prepareEntry(service, folderOf(config))] as const,
    ),
  );

/** Services whose next workers run another file than under the config before. */
export const withNewEntry = (before: AppConfig, after: AppConfig): readonly string[] => {
  const known = new Map(before.services.filter(hasEntry).map(({ name, entry }) => [name, entry]));
  return after.services
    .filter(hasEntry)
    .filter(({ name, entry }) => known.get(name) !== entry)
    .map(({ name }) => name);
};

const folderOf = ({ directory }: AppConfig): string => appFiles.folder(directory);

const portsOf = (
  { config, state, handedOn }: RunOptions,
  inherited: readonly Note[],
): HeldPorts => {
  if (state !== undefined) {
    const { ports } = state;
    if (handedOn !== undefined) {
      return HeldPorts.inherit(ports, handedOn === 'all' ? portsIn(ports) : handedOn);
    }
    // Descriptors do not outlive their last holder: an ingress that goes on listening has the ports.
    return inherited.some(isIngress) ? HeldPorts.lend(ports) : HeldPorts.bindAgain(ports);
  }
  const portsOfThose = (services: readonly ServiceConfig[]): Readonly<Record<string, number>> =>
    Object.fromEntries(
      services.flatMap(({ name, port }) => (typeof port === 'number' ? [[name, port]] : [])),
    );
  const numbers = {
    ...(config.httpPort === undefined ? {} : { http: config.httpPort }),
    services: portsOfThose(config.services.filter(hasEntry)),
    commands: portsOfThose(config.services.filter(isCommand)),
  };
  return HeldPorts.bind(numbers, !config.supervisor.successor);
};

type Held = Pick<Run, 'id' | 'entries' | 'ports'>;

const saveState = ({ config, directory }: RunOptions, { id, entries, ports }: Held): void =>
  saveRunState(directory, {
    version: 1,
    runId: id,
    config,
    entries: Object.fromEntries(entries),
    ports: ports.numbers,
    clock: runClock(),
  });

const publish = (options: RunOptions, held: Held): void => {
  const { config, directory } = options;
  saveState(options, held);
  if (!config.supervisor.successor) return;
  leaveSuccession({
    runDir: directory,
    cwd: config.directory,
    logs: logsDir(config.directory),
    ports: portsIn(held.ports.numbers),
  });
};

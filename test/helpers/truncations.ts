import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultHttp } from '../../src/protocol/http.ts';
import {
  decodeSuccession,
  runFiles,
  type Succession,
} from '../../src/protocol/worker/succession.ts';
import { readJson } from '../../src/sdk/channel/atomic-file.ts';
import { Journal } from '../../src/supervisor/actions/journal.ts';
import type { AppConfig } from '../../src/supervisor/config/app-config.ts';
import { setDamagedAside } from '../../src/supervisor/succession/damage.ts';
import { readNotes, sweep, writeNote } from '../../src/supervisor/succession/notes.ts';
import { loadRunState, saveRunState } from '../../src/supervisor/succession/run-state.ts';
import { actionOf } from './actions.ts';

/** What a supervisor finds, and does, in a folder in which one file has been cut off. */
export type Found = {
  /** What it goes on with. */
  readonly state: unknown;
  readonly told: readonly string[];
  /** What has been set aside, byte for byte. */
  readonly aside: readonly Buffer[];
};

type Folder = Disposable & { readonly directory: string };

const folder = (): Folder => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-cut-'));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
};

const refill = (directory: string, files: ReadonlyMap<string, Buffer>): void => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
  for (const [name, content] of files) writeFileSync(join(directory, name), content);
};

const contentOf = (directory: string): ReadonlyMap<string, Buffer> =>
  new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]));

const asideIn = (directory: string): readonly Buffer[] =>
  [...contentOf(directory)].flatMap(([name, content]) =>
    name.includes('.corrupt') ? [content] : [],
  );

type Trial = {
  /** Among the files of the folder. */
  readonly cut: string;
  readonly whole: ReadonlyMap<string, Buffer>;
  readonly directory: string;
  readonly start: () => Omit<Found, 'aside'>;
  readonly step: number;
};

/** The file at each length, from nothing to one byte too few; answers how many there were. */
const cutEverywhere = (trial: Trial, check: (found: Found, rest: Buffer) => void): number => {
  const { cut, whole, directory, step } = trial;
  const content = whole.get(cut) ?? Buffer.alloc(0);
  let trials = 0;
  for (let length = 0; length < content.length; length += step) {
    const rest = content.subarray(0, length);
    refill(directory, new Map([...whole, [cut, rest]]));
    check({ ...trial.start(), aside: asideIn(directory) }, rest);
    trials += 1;
  }
  return trials;
};

const config = {
  app: 'shop',
  directory: '/srv/shop',
  services: [],
  http: defaultHttp,
  supervisor: { successor: true, orphanGrace: 60_000 },
} as unknown as AppConfig;

const succession: Succession = {
  version: 1,
  command: ['node', 'main.js', '/run/shop', '1'],
  cwd: '/srv/shop',
  env: { PATH: '/usr/bin' },
  logs: '/srv/shop/.forge/logs',
  descriptors: 1,
  ports: [8080],
  starts: [1],
};

const note = {
  pid: 2 ** 22 + 1,
  started: '1',
  runId: 'r-1',
  incarnation: 'w1',
  workerId: 'users#1',
  group: 'users',
  services: ['users'],
  rpcPath: '/run/shop/w1.rpc.sock',
  httpPath: '/run/shop/w1.http.sock',
  logFile: '/srv/shop/.forge/logs/users.log',
  startedAt: 1,
  restarts: 0,
};

const writeRun = (runDir: string): void => {
  const ports = { http: 8080, commands: {} };
  saveRunState(runDir, { version: 1, runId: 'r-1', config, entries: {}, ports, clock: 0 });
  for (const file of [runFiles.succession(runDir), runFiles.successionCopy(runDir)]) {
    writeFileSync(file, JSON.stringify(succession));
  }
  writeFileSync(runFiles.owner(runDir), JSON.stringify({ pid: note.pid, started: '1' }));
  writeNote(runDir, note);
};

const goOn = (runDir: string) => {
  const state = [
    loadRunState(runDir),
    decodeSuccession(
      readJson(runFiles.succession(runDir)) ?? readJson(runFiles.successionCopy(runDir)),
    ),
  ];
  const damage = setDamagedAside(runDir);
  return { state, told: [...damage, ...sweep(runDir, readNotes(runDir))] };
};

export const runFileNames = [
  'run.json',
  'run.copy.json',
  'succession.json',
  'succession.copy.json',
  'supervisor.json',
  'w1.process.json',
] as const;

/** Each file of a run directory, which was written whole and is then cut off. */
export const cutRunFile = (
  name: (typeof runFileNames)[number],
  step: number,
  check: (found: Found, context: { readonly whole: unknown; readonly rest: Buffer }) => void,
): number => {
  using run = folder();
  const { directory } = run;
  writeRun(directory);
  const files = contentOf(directory);
  const { state: whole } = goOn(directory);
  const trial = { cut: name, whole: files, directory, step, start: () => goOn(directory) };
  return cutEverywhere(trial, (found, rest) => check(found, { whole, rest }));
};

const writeJournal = (file: string): Journal => {
  const journal = new Journal(file);
  for (let count = 0; count < 20; count += 1) journal.write({ action: actionOf(`a-${count}`) });
  journal.saveOverrides({ groups: {}, workers: { main: 3 } });
  return journal;
};

/** What it did last is at hand, and what is done next is kept. */
const openJournal = (file: string): Omit<Found, 'aside'> => {
  const told: string[] = [];
  using journal = new Journal(file, (_severity, text) => told.push(text));
  const known = journal.list().length;
  journal.write({ action: actionOf('next') });
  return { state: { known, kept: journal.list(0).length }, told };
};

/** `wal`: its supervisor was killed, and left the log of its last changes beside it. */
export const cutJournal = (
  cut: 'state.db' | 'state.db-wal',
  { step, wal }: { readonly step: number; readonly wal: boolean },
  check: (found: Found, rest: Buffer) => void,
): number => {
  using place = folder();
  const { directory } = place;
  const file = join(directory, 'state.db');
  const journal = writeJournal(file);
  const withLog = contentOf(directory);
  journal[Symbol.dispose]();
  const closed = contentOf(directory);
  // In the log is all that is in the file as well: only the log of a file that is whole is cut off.
  const files = wal ? new Map([...withLog, ...(cut === 'state.db' ? closed : [])]) : closed;
  const whole = new Map([...files].filter(([name]) => !name.endsWith('-shm')));
  return cutEverywhere({ cut, whole, directory, step, start: () => openJournal(file) }, check);
};

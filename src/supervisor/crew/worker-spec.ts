import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { appFiles } from '../../protocol/app-files.ts';
import type { EntryService, ServiceConfig, Variables } from '../../protocol/topology.ts';
import { bytes, ms, seconds } from '../../protocol/units.ts';
import type { Assignment, IngressAssignment } from '../../protocol/worker/messages.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import { firstDescriptor, runFiles } from '../../protocol/worker/succession.ts';
import { markOf } from '../../sdk/channel/marks.ts';
import { processStart } from '../../sdk/channel/process-start.ts';
import { spoolIn } from '../logs/names.ts';
import type { Incarnation, Noted, WorkerSpec } from '../process/incarnation.ts';
import type { Launch } from '../process/launch.ts';
import { heapFlagsWithin, memoryLimitOf } from '../process/memory-limit.ts';
import { workerEnvironment } from '../process/own-environment.ts';
import { type Policy, policyFor } from '../process/policy.ts';
import type { HeldPorts } from '../succession/held-ports.ts';
import { writeNote } from '../succession/notes.ts';
import { ingressStop } from '../topology/longest-stop.ts';
import type { Site } from './site.ts';

export const sampleEveryMs = seconds(1);

export const workerSpec = (
  site: Site,
  worker: {
    readonly id: string;
    readonly group: string;
    readonly services: readonly EntryService[];
  },
): WorkerSpec => ({
  ...worker,
  policy: groupPolicy(worker.services),
  prepare: () => incarnate(site, worker.id, worker.services),
});

const groupPolicy = (services: readonly ServiceConfig[]): Policy =>
  policyFor({
    start: ms(Math.max(...services.map(({ timeouts }) => timeouts.start))),
    stop: ms(Math.max(...services.map(({ timeouts }) => timeouts.stop))),
  });

const incarnate = (site: Site, id: string, services: readonly EntryService[]): Incarnation => {
  const incarnation = `w${site.next()}`;
  const rpcPath = join(site.runDir, `${incarnation}.rpc.sock`);
  const httpPath = join(site.runDir, `${incarnation}.http.sock`);
  const handed = site.handed();
  const held = handed.map(({ port }) => port);
  const doors = site.ports.doorsOf(services.map(({ name }) => name));
  const assignment: Assignment = {
    runId: site.runId,
    workerId: id,
    app: site.config.app,
    runDir: site.runDir,
    incarnation,
    rpcPath,
    httpPath,
    services: services.map((service) => ({
      name: service.name,
      entry: site.entries.get(service.name) ?? service.entry,
      connects: service.connects,
      ...(service.calls === undefined ? {} : { calls: service.calls }),
      ...(service.interceptors === undefined ? {} : { interceptors: service.interceptors }),
    })),
    orphanGraceMs: site.config.supervisor.orphanGraceMs,
    blockedAfterMs: Math.max(...services.map(({ health }) => health.blockedAfter)),
    requestTimeoutMs: Math.max(...services.map(({ timeouts }) => timeouts.request)),
    sampleEveryMs,
    held,
    ...(doors.length === 0 ? {} : { doors: doorsBehind(site, doors, held.length) }),
  };
  const logFile = spoolIn(site.config.directory, id);
  const launch = launchOf(site, {
    args: [...memoryFlags(site, services), site.workerFile],
    mark: markOf(assignment),
    env: environment(site, assignment, services),
    inherit: [
      ...handed.map(({ descriptor }) => descriptor),
      ...doors.flatMap(({ descriptor }) => Array<number>(copiesOfDoors).fill(descriptor)),
    ],
    logFile,
    oomRank: 'worker',
  });
  return {
    rpcPath,
    httpPath,
    note: noteOf(site, {
      incarnation,
      id,
      services,
      rpcPath,
      httpPath,
      logFile,
      held,
      doors: doors.map(({ port }) => port),
    }),
    files: filesOf(site.runDir, { incarnation, rpcPath, httpPath }),
    launch,
  };
};

/** How often a worker may begin to accept, counted over its life. */
const copiesOfDoors = 8;

/** Descriptors of its own, because it closes them when it leaves; those before them it hands on. */
const doorsBehind = (
  { config }: Site,
  doors: ReturnType<HeldPorts['doorsOf']>,
  before: number,
): NonNullable<Assignment['doors']> => ({
  http: config.http,
  ports: doors.map(({ service, port }, index) => ({
    service,
    port,
    descriptors: Array.from(
      { length: copiesOfDoors },
      (_, copy) => firstDescriptor + before + index * copiesOfDoors + copy,
    ),
  })),
});

const launchOf = (
  site: Site,
  what: Pick<Launch, 'args' | 'env' | 'mark' | 'inherit' | 'logFile' | 'oomRank'>,
): Launch => ({
  ...what,
  cwd: site.config.directory,
});

/** What is removed when a process is gone. */
export const filesOf = (
  runDir: string,
  of: { readonly incarnation: string; readonly rpcPath: string; readonly httpPath: string },
): readonly string[] => [
  ...(of.rpcPath === '' ? [] : [of.rpcPath, of.httpPath, runFiles.count(of.rpcPath)]),
  runFiles.note(runDir, of.incarnation),
];

type Notable = {
  readonly incarnation: string;
  readonly id: string;
  readonly services: readonly ServiceConfig[];
} & Pick<Note, 'rpcPath' | 'httpPath' | 'port' | 'isForeign' | 'logFile' | 'held' | 'doors'>;

export const noteOf =
  (site: Site, { id, services, ...rest }: Notable) =>
  ({ pid, startedAt, restarts }: Noted): void =>
    writeNote(site.runDir, {
      pid,
      started: processStart(pid) ?? '',
      runId: site.runId,
      workerId: id,
      group: id.slice(0, id.lastIndexOf('#')),
      services: services.map(({ name }) => name),
      ...rest,
      startedAt,
      restarts,
    });

const memoryFlags = ({ config }: Site, services: readonly ServiceConfig[]): readonly string[] => {
  const available = config.budget.memoryBytes;
  const unlimitedHeap = bytes(getHeapStatistics().heap_size_limit);
  return heapFlagsWithin(memoryLimitOf(services, available), { available, unlimitedHeap });
};

export const ingressGroup = 'ingress';

export type IngressMember = {
  readonly id: string;
  /** Hears at each start where it is to listen. */
  readonly listens: (ports: readonly number[]) => void;
};

/** The ingress is supervised like a worker, but serves no service and listens on the HTTP socket. */
export const ingressSpec = (site: Site, { id, listens }: IngressMember): WorkerSpec => {
  const requests = site.config.services.map(({ timeouts }) => timeouts.request);
  const prepare = (): Incarnation => {
    const of = { incarnation: `w${site.next()}`, rpcPath: '', httpPath: '' };
    const logFile = spoolIn(site.config.directory, id);
    const handed = site.ports.handed();
    const held = handed.map(({ port }) => port);
    const fronts = site.ports.fronts();
    const ports = fronts.map(({ port }) => port);
    listens(ports);
    const assignment: IngressAssignment = {
      runId: site.runId,
      workerId: id,
      app: site.config.app,
      runDir: site.runDir,
      // Descriptors of its own, because it closes them when it leaves.
      ports: fronts.map(({ service }, index) => ({
        descriptor: firstDescriptor + held.length + index,
        ...(service === undefined ? {} : { service }),
      })),
      held,
      http: site.config.http,
      incarnation: of.incarnation,
      orphanGraceMs: site.config.supervisor.orphanGraceMs,
      requestTimeoutMs: Math.max(...requests),
      sampleEveryMs,
    };
    return {
      ...of,
      note: noteOf(site, { ...of, id, services: [], logFile, held, doors: ports }),
      files: filesOf(site.runDir, of),
      launch: launchOf(site, {
        args: [site.ingressFile],
        mark: markOf(assignment),
        env: environment(site, assignment, []),
        inherit: [...handed, ...fronts].map(({ descriptor }) => descriptor),
        logFile,
        oomRank: 'ingress',
      }),
    };
  };
  const policy = policyFor({ start: seconds(30), stop: ingressStop });
  return { id, group: ingressGroup, services: [], policy, prepare };
};

const environment = (
  site: Site,
  assignment: Assignment | IngressAssignment,
  services: readonly ServiceConfig[],
): Variables => {
  const layer = (of: (service: ServiceConfig) => Variables | undefined): Variables =>
    Object.assign({}, ...services.map(of));
  return {
    ...layer(({ appEnv }) => appEnv),
    NODE_COMPILE_CACHE: appFiles.compiled(site.config.directory),
    ...workerEnvironment(),
    ...layer(({ env }) => env),
    FORGE_WORKER: JSON.stringify(assignment),
  };
};

import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceConfig } from '../protocol/topology.ts';
import { ms, seconds } from '../protocol/units.ts';
import type { Assignment, IngressAssignment } from '../protocol/worker/messages.ts';
import { noteProcess } from './process/leftovers.ts';
import { type Policy, policyFor } from './process/lifecycle.ts';
import type { Incarnation, WorkerSpec } from './process/worker-process.ts';
import type { AppConfig } from './topology/app-config.ts';

/** Where one run of an app takes place. */
export type Site = {
  readonly config: AppConfig;
  readonly runDir: string;
  readonly runId: string;
  readonly workerFile: string;
  readonly ingressFile: string;
  /** Service → the file that Node runs, which for decorated services is a bundle. */
  readonly entries: ReadonlyMap<string, string>;
  /** Numbers the incarnations of all workers of the run. */
  readonly next: () => number;
};

const extension = extname(import.meta.url);
const beside = (path: string): string =>
  fileURLToPath(new URL(`${path}${extension}`, import.meta.url));

export const defaultWorkerFile = beside('../sdk/worker/main');
export const defaultIngressFile = beside('./ingress/main');

const sampleEveryMs = seconds(1);

export const channelPath = (runDir: string): string => join(runDir, 'workers.sock');
export const forgeDir = (config: AppConfig): string => join(config.directory, '.forge');

export const workerSpec = (
  site: Site,
  worker: {
    readonly id: string;
    readonly group: string;
    readonly services: readonly ServiceConfig[];
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

const incarnate = (site: Site, id: string, services: readonly ServiceConfig[]): Incarnation => {
  const name = `w${site.next()}`;
  const rpcPath = join(site.runDir, `${name}.rpc.sock`);
  const httpPath = join(site.runDir, `${name}.http.sock`);
  const assignment: Assignment = {
    runId: site.runId,
    workerId: id,
    app: site.config.app,
    channelPath: channelPath(site.runDir),
    rpcPath,
    httpPath,
    services: services.map((service) => ({
      name: service.name,
      entry: site.entries.get(service.name) ?? service.entry,
      connects: service.connects,
    })),
    requestTimeoutMs: Math.max(...services.map(({ timeouts }) => timeouts.request)),
    sampleEveryMs,
  };
  const own = Object.assign({}, ...services.map(({ env }) => env)) as Record<string, string>;
  return {
    rpcPath,
    httpPath,
    note: (pid) => noteProcess(site.runDir, name, pid),
    files: [rpcPath, httpPath, join(site.runDir, `${name}.pid`)],
    launch: {
      args: [...heapFlags(services), site.workerFile],
      cwd: site.config.directory,
      env: environment(site, assignment, own),
      logFile: logFile(site, id),
    },
  };
};

/** A worker carries the largest limit among its services; its heap leaves a fifth for the rest. */
const heapFlags = (services: readonly ServiceConfig[]): readonly string[] => {
  const limits = services.flatMap(({ memoryLimit }) => memoryLimit ?? []);
  if (limits.length === 0) return [];
  return [
    `--max-old-space-size=${Math.max(16, Math.floor((Math.max(...limits) * 0.8) / 2 ** 20))}`,
  ];
};

/** The ingress is supervised like a worker, but serves no service and inherits the HTTP socket. */
export const ingressSpec = (site: Site, descriptor: number): WorkerSpec => {
  const id = 'ingress#1';
  const requests = site.config.services.map(({ timeouts }) => timeouts.request);
  const assignment: IngressAssignment = {
    runId: site.runId,
    workerId: id,
    channelPath: channelPath(site.runDir),
    requestTimeoutMs: Math.max(...requests),
    sampleEveryMs,
  };
  const prepare = (): Incarnation => ({
    rpcPath: '',
    httpPath: '',
    note: (pid) => noteProcess(site.runDir, 'ingress', pid),
    files: [join(site.runDir, 'ingress.pid')],
    launch: {
      args: [site.ingressFile],
      cwd: site.config.directory,
      env: environment(site, assignment, {}),
      logFile: logFile(site, id),
      inherit: descriptor,
    },
  });
  const policy = policyFor({ start: seconds(30), stop: seconds(10) });
  return { id, group: 'ingress', services: [], policy, prepare };
};

const environment = (
  site: Site,
  assignment: Assignment | IngressAssignment,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  ...inherited(),
  NODE_COMPILE_CACHE: join(forgeDir(site.config), 'cache'),
  ...own,
  FORGE_WORKER: JSON.stringify(assignment),
});

const inherited = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );

const logFile = (site: Site, id: string): string =>
  join(forgeDir(site.config), 'logs', `${id.replace('#', '.')}.log`);

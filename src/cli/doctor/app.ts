import { accessSync, constants, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { appFiles } from '../../protocol/app-files.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { PortPlace } from '../../protocol/start-errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { connect } from '../../sdk/control/client.ts';
import { thisUser } from '../../sdk/control/this-user.ts';
import type { AppConfig } from '../../supervisor/config/app-config.ts';
import { certificateState } from '../../supervisor/config/certificate-state.ts';
import { loadConfig } from '../../supervisor/config/load-config.ts';
import { unifiedCgroups } from '../../supervisor/host/cgroups.ts';
import { checkFolder } from '../../supervisor/host/writable-folder.ts';
import { bindPort } from '../../supervisor/process/bind-port.ts';
import { readOwner } from '../../supervisor/succession/claim.ts';
import { httpPlace, servicePlace } from '../../supervisor/succession/held-ports.ts';
import { loadRunState } from '../../supervisor/succession/run-state.ts';
import { runsOf } from '../../supervisor/succession/whereabouts.ts';
import { findConfig, type Target } from '../target.ts';
import type { Finding } from './finding.ts';
import { installationOfRun, judgeSkew, ownInstallation, startOf } from './installation.ts';
import { judgeServices } from './judge.ts';

/** How the app of this folder is: its config, its ports, and what runs or has run of it. */
export const examineApp = async (folder: string, target: Target): Promise<readonly Finding[]> => {
  const places = runDirs(folder);
  const dirs = 'check' in places ? [] : places;
  const config = await readConfig(target, dirs);
  return [
    'check' in config ? config : { check: 'config', found: config.file },
    ...('check' in config
      ? []
      : [...ports(config, dirs), writing(config), ...certificates(config)]),
    ...('check' in places ? [places] : []),
    ...(await Promise.all(dirs.filter((dir) => existsSync(dir)).map(runDirectory))).flat(),
    ...dirs.flatMap(skew),
    ...isolation(),
  ];
};

const asFinding = (check: string, error: unknown): Finding => {
  const { message, remedy } = toErrorData(error);
  return { check, found: message, fix: remedy };
};

/** A server that was started without a config has one that only its run knows. */
const readConfig = async (
  target: Target,
  dirs: readonly string[],
): Promise<AppConfig | Finding> => {
  try {
    return await loadConfig({ file: findConfig(target) });
  } catch (error) {
    if (toErrorData(error).code !== 'CONFIG_NOT_FOUND') return asFinding('config', error);
    const running = dirs.map((dir) => loadRunState(dir)?.config).find((config) => config?.isServer);
    if (running !== undefined) return running;
    const isMeant = (target.app ?? target.config) !== undefined;
    return isMeant
      ? asFinding('config', error)
      : { check: 'config', found: 'there is no app here; `forge init` writes one' };
  }
};

const writing = ({ directory }: AppConfig): Finding => {
  const check = 'folder';
  try {
    checkFolder(appFiles.folder(directory));
    return { check, found: `logs and state can be kept in ${directory}` };
  } catch (error) {
    return asFinding(check, error);
  }
};

const certificates = ({ http: { tls } }: AppConfig): readonly Finding[] =>
  (tls?.certificates ?? []).map((files) => {
    const { severity, text: found } = certificateState(files, Date.now());
    const fix = `Renew ${files.cert}: what is valid is taken up within a second.`;
    return { check: 'certificate', found, ...(severity === 'ok' ? {} : { fix }) };
  });

const runDirs = (folder: string): readonly string[] | Finding => {
  try {
    return runsOf(folder);
  } catch (error) {
    return asFinding('run directory', error);
  }
};

const ports = (config: AppConfig, dirs: readonly string[]): readonly Finding[] => {
  const open = dirs.flatMap((dir) => (readOwner(dir) === undefined ? [] : openPorts(dir)));
  return wantedPorts(config).map(([port, place]) =>
    open.includes(port)
      ? { check: 'port', found: `${port} (${place.name}) is open for this app` }
      : freedom(port, place),
  );
};

/** Those of the run in a directory; the supervisor itself holds that of `http.admin`. */
const openPorts = (runDir: string): readonly (number | undefined)[] => {
  const state = loadRunState(runDir);
  if (state === undefined) return [];
  const { http, services = {}, commands } = state.ports;
  const admin = state.config.http.admin?.port;
  return [http, admin, ...Object.values(services), ...Object.values(commands)];
};

type Wanted = readonly [port: number, place: PortPlace];

const wantedPorts = ({ httpPort, http, services }: AppConfig): readonly Wanted[] => {
  const { admin } = http;
  const adminPlace = { name: 'http.admin.port', setting: '`http.admin.port`' };
  const all: readonly Wanted[] = [
    ...(httpPort === undefined ? [] : [[httpPort, httpPlace] as const]),
    ...(admin === undefined ? [] : [[admin.port, adminPlace] as const]),
    ...services.flatMap((service) =>
      typeof service.port === 'number' ? [[service.port, servicePlace(service.name)] as const] : [],
    ),
  ];
  // Any free one is meant by 0.
  return all.filter(([port]) => port !== 0);
};

/** By holding it for a moment, without ever accepting there. */
const freedom = (port: number, place: PortPlace): Finding => {
  const check = 'port';
  try {
    bindPort(port, place).close();
    return { check, found: `${port} (${place.name}) is free` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return asFinding(check, error);
    const fix = `Choose one of 1024 or more with ${place.setting}, or allow it: \`sysctl net.ipv4.ip_unprivileged_port_start=${port}\`.`;
    return { check, found: `${port} (${place.name}) is not for this user to open`, fix };
  }
};

const runDirectory = async (directory: string): Promise<readonly Finding[]> => {
  const check = 'run directory';
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.()) {
    const fix = `Start the app as its owner, or remove ${directory}.`;
    return [{ check, found: `${directory} belongs to user ${uid}`, fix }];
  }
  if ((mode & 0o077) !== 0) {
    const found = `others may look into ${directory}`;
    return [{ check, found, fix: `\`chmod 700 ${directory}\`` }];
  }
  const owner = readOwner(directory);
  if (owner !== undefined) return living(directory, owner.pid);
  const left = readdirSync(directory).filter((name) => name.endsWith('.sock'));
  if (left.length === 0 && !existsSync(runFiles.state(directory))) {
    return [{ check, found: `nothing runs in ${directory}` }];
  }
  const found = `${directory} has ${left.length} sockets of a run whose supervisor is gone`;
  const fix = '`forge start` takes over what still runs of it, and removes the rest.';
  return [{ check, found, fix }];
};

const living = async (directory: string, pid: number): Promise<readonly Finding[]> => {
  const check = 'run directory';
  try {
    await using supervisor = await connect(runFiles.control(directory), { role: 'viewer' });
    const { services } = await supervisor.request('status', {});
    const found = `supervisor ${pid} answers in ${directory}`;
    return [{ check, found }, ...judgeServices(services)];
  } catch (error) {
    if (toErrorData(error).code !== 'CONTROL_UNREACHABLE') return [asFinding(check, error)];
    const found = `supervisor ${pid} lives, and does not answer in ${directory}`;
    const fix = `See \`forge logs supervisor\`; \`kill ${pid}\` lets a worker start the next one.`;
    return [{ check, found, fix }];
  }
};

const skew = (directory: string): readonly Finding[] => {
  const owner = readOwner(directory);
  const own = ownInstallation();
  if (owner === undefined || own === undefined) return [];
  const { pid } = owner;
  return [judgeSkew(own, installationOfRun(directory), { pid, startedAt: startOf(pid) })];
};

/** What keeps services from each other, in words. */
const isolation = (): readonly Finding[] => {
  const { user, uid } = thisUser();
  const root = uid === 0 ? ', who may do everything here' : '';
  const held = hasGroups() ? 'a control group of its own' : 'a mark in its environment';
  return [
    {
      check: 'isolation',
      found: `each group of services is a process, all with the files and the network of ${user}${root}`,
    },
    {
      check: 'containment',
      found: `what a worker starts is found by ${held}; one over its memory limit is replaced`,
    },
  ];
};

/** Not in most containers, and not with a kernel older than 5.14. */
const hasGroups = (): boolean => {
  const [own] = unifiedCgroups();
  if (own === undefined || !existsSync(join(own.directory, 'cgroup.kill'))) return false;
  try {
    accessSync(own.directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

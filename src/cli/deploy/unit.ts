import { dirname } from 'node:path';
import type { AppConfig } from '../../supervisor/config/app-config.ts';
import { longestStop } from '../../supervisor/topology/longest-stop.ts';
import { line, program, word } from './unit-syntax.ts';

/** `user`: of one user's own service manager; it may not set up a service's file system. */
export type Scope = 'system' | 'user';

export type UnitFacts = {
  readonly config: Pick<AppConfig, 'app' | 'directory' | 'file' | 'httpPort' | 'services'>;
  readonly scope: Scope;
  readonly node: string;
  /** The file of the command line. */
  readonly main: string;
  /** Below the service manager's own runtime directory. */
  readonly runtimeDirectory: string;
  /** Owner of the app's folder. */
  readonly user: string;
};

/** The unit that keeps an app running: a function of its config and of where things are. */
export const systemdUnit = (facts: UnitFacts): string =>
  [unitSection(facts), serviceSection(facts), installSection(facts)]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');

const unitSection = ({ config }: UnitFacts): readonly string[] => [
  '[Unit]',
  `Description=${line(config.app)} (ThreadForge)`,
  'After=network.target',
  'StartLimitIntervalSec=60',
  'StartLimitBurst=10',
];

const installSection = ({ scope }: UnitFacts): readonly string[] => [
  '[Install]',
  `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`,
];

const serviceSection = (facts: UnitFacts): readonly string[] => [
  '[Service]',
  'Type=notify',
  '# Node has no Unix datagrams: systemd-notify speaks for the supervisor.',
  'NotifyAccess=all',
  ...(facts.scope === 'system' ? [`User=${line(facts.user)}`] : []),
  `WorkingDirectory=${line(facts.config.directory)}`,
  `ExecStart=${command(facts, ['start', '--headless'])}`,
  `ExecReload=${command(facts, ['reload'])}`,
  ...lifeSettings(facts),
  ...directorySettings(facts),
  pathSetting(facts),
  ...(facts.scope === 'system' ? fileSystemSettings(facts) : []),
  ...(facts.scope === 'system' ? privilegeSettings(facts) : []),
  ...restrictions,
];

/** The colon: nothing in it names a variable. */
const command = ({ node, main, config }: UnitFacts, args: readonly string[]): string =>
  `:${[program(node), ...['--disable-sigusr1', main, ...args, '--config', config.file].map(word)].join(' ')}`;

const lifeSettings = ({ config }: UnitFacts): readonly string[] => [
  '# Each worker has a time limit of its own to start (timeouts.start).',
  'TimeoutStartSec=infinity',
  '# A supervisor that dies leaves its workers serving, and the next one takes them over: with',
  '# KillMode=mixed or control-group systemd would kill them, and every request in flight. The price:',
  '# if a stop takes longer than its limit, workers outlive the unit until they notice that nobody',
  '# supervises them (supervisor.orphanGrace), and end by themselves.',
  'KillMode=process',
  `TimeoutStopSec=${Math.ceil(longestStop(config) / 1_000) + 10}`,
  'Restart=on-failure',
  'RestartSec=1',
  '# A wrong config does not get better by trying again.',
  'RestartPreventExitStatus=2',
  'WatchdogSec=30',
  '# A worker without memory is replaced by the supervisor; the others go on.',
  'OOMPolicy=continue',
  '# Limits and the end of each worker, by its control group.',
  'Delegate=yes',
];

/** systemd replaces /tmp at each start, under the workers that are taken over: they get another one. */
const directorySettings = ({ runtimeDirectory: name }: UnitFacts): readonly string[] => [
  `RuntimeDirectory=${name} ${name}/tmp`,
  'RuntimeDirectoryMode=0700',
  '# Workers that are taken over keep their sockets, and what they put into TMPDIR.',
  'RuntimeDirectoryPreserve=restart',
  `Environment=FORGE_RUN_DIR=%t/${name} TMPDIR=%t/${name}/tmp`,
  'UMask=0077',
];

/** Where systemd looks for programs of itself. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** No shell has read a profile: `node` of a command would be another Node, or none. */
const pathSetting = ({ node }: UnitFacts): string =>
  `Environment=${word(`PATH=${dirname(node)}:${systemPath}`)}`;

const fileSystemSettings = (facts: UnitFacts): readonly string[] => {
  const { config, node, main } = facts;
  const paths = [config.directory, config.file, node, main];
  const isAny = (folders: readonly string[]): boolean =>
    paths.some((path) => folders.some((folder) => `${path}/`.startsWith(`${folder}/`)));
  return [
    '# Services that write elsewhere need a drop-in: systemctl edit.',
    'ProtectSystem=strict',
    `ReadWritePaths=${word(`${config.directory}/.forge`)}`,
    `ProtectHome=${isAny(['/home', '/root', '/run/user']) ? 'read-only' : 'yes'}`,
    `PrivateTmp=${isAny(['/tmp', '/var/tmp']) ? 'no' : 'yes'}`,
    'PrivateMounts=yes',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
  ];
};

const privilegeSettings = ({ config }: UnitFacts): readonly string[] => {
  const ports = [config.httpPort, ...config.services.map(({ port }) => port)];
  const bind = ports.some((port) => typeof port === 'number' && port > 0 && port < 1_024);
  const capabilities = bind ? 'CAP_NET_BIND_SERVICE' : '';
  return [
    `CapabilityBoundingSet=${capabilities}`,
    `AmbientCapabilities=${capabilities}`,
    'KeyringMode=private',
    'RemoveIPC=yes',
  ];
};

/** What any user's service manager can enforce. V8 writes the code that it runs, so pages may be both. */
const restrictions: readonly string[] = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
];

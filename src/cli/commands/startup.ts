import { chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { appFiles } from '../../protocol/app-files.ts';
import { refused } from '../../protocol/errors.ts';
import type { AppConfig } from '../../supervisor/config/app-config.ts';
import type { Scope } from '../deploy/unit.ts';
import type { Io } from '../io.ts';
import { findConfig, type Target } from '../target.ts';

type Options = Pick<Target, 'app' | 'config'> & {
  readonly user?: boolean;
  readonly install?: boolean;
};

export const startupCommand = (io: Io): Command =>
  new Command('startup')
    .description('Print the systemd unit that starts the app with the machine and keeps it running')
    .option('--app <dir>', 'folder of the app (default: the nearest with a forge.config file)')
    .option('--config <file>', 'the config file itself')
    .option('--user', "for your own service manager instead of the machine's")
    .option('--install', 'write the unit file, and print the commands that activate it')
    .action(async (options: Options) => {
      const { loadConfig } = await import('../../supervisor/config/load-config.ts');
      const config = await loadConfig({ file: findConfig(options) });
      const scope = options.user === true ? 'user' : 'system';
      const unit = await unitOf(config, scope);
      if (options.install !== true) {
        io.out(unit);
        return;
      }
      const name = `forge-${config.app.replace(/[^\w.-]/g, '-')}.service`;
      await install({ file: join(folderOf(scope), name), unit, config });
      const systemctl = scope === 'user' ? 'systemctl --user' : 'systemctl';
      io.out(`${systemctl} daemon-reload\n${systemctl} enable --now ${name}\n`);
      if (scope === 'user') io.err('`loginctl enable-linger` lets it start before you log in\n');
    });

const unitOf = async (config: AppConfig, scope: Scope): Promise<string> => {
  const { systemdUnit } = await import('../deploy/unit.ts');
  const { runtimeNameOf } = await import('../../supervisor/topology/run-dir.ts');
  return systemdUnit({
    config,
    scope,
    node: process.execPath,
    main: fileURLToPath(new URL(`../main.${extension}`, import.meta.url)),
    runtimeDirectory: runtimeNameOf(config.directory),
    user: ownerOf(config.directory),
  });
};

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const folderOf = (scope: Scope): string => {
  if (scope === 'system') return '/etc/systemd/system';
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'systemd/user');
};

type Plan = { readonly file: string; readonly unit: string; readonly config: AppConfig };

const install = async ({ file, unit, config }: Plan): Promise<void> => {
  const { installUnit } = await import('../deploy/unit-file.ts');
  try {
    installUnit(file, unit, config.file);
    makeStateFolder(config.directory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') throw cause;
    throw refused(`${file} cannot be written`, 'Run it with sudo, or add --user.');
  }
};

/** The unit may write there only, and cannot make it itself. */
const makeStateFolder = (directory: string): void => {
  const folder = appFiles.folder(directory);
  if (existsSync(folder)) return;
  mkdirSync(folder, { mode: 0o700 });
  const { uid, gid } = statSync(directory);
  if (uid !== process.getuid?.()) chownSync(folder, uid, gid);
};

/** By name, where the machine's own list has it; systemd takes a number as well. */
const ownerOf = (directory: string): string => {
  const { uid } = statSync(directory);
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  const account = accounts.find((entry) => entry.split(':')[2] === String(uid));
  return account?.split(':')[0] ?? String(uid);
};

import { resolve } from 'node:path';
import type { CommandService } from '../../../protocol/topology.ts';
import type { Place } from './config-place.ts';

export const commandKeys = ['command', 'cwd', 'port'];

type Surroundings = {
  readonly directory: string;
  readonly exists: (path: string) => boolean;
};

/** What belongs to a command alone. */
export const parseCommand = (
  place: Place,
  around: Surroundings,
): Pick<CommandService, 'command' | 'cwd' | 'port' | 'healthPath'> => {
  const port = place.at('port').whole(0, 65_535);
  const healthPath = parseHealthPath(place.at('health'), port);
  if (port !== undefined) refuseOwnPort(place.at('env'));
  return {
    command: parseLine(place.at('command')),
    cwd: parseFolder(place.at('cwd'), around),
    ...(port === undefined ? {} : { port }),
    ...(healthPath === undefined ? {} : { healthPath }),
  };
};

const commandFix = "Write one command, such as 'node server.js'.";

/** The command takes the place of its shell, so that the process we know is the program itself. */
const parseLine = (place: Place): string => {
  const command = place.text(commandFix)?.trim() ?? '';
  const bare = bareOf(command);
  if (bare === '') throw place.invalid('names no program', commandFix);
  if (/['"`]/.test(bare)) {
    throw place.invalid('has a quote that is not closed', 'Close it, or write \\ before it.');
  }
  if (isCompound(bare)) {
    throw place.invalid(
      'is more than one simple command',
      'Put it into a script, or use cwd and env for what it prepares.',
    );
  }
  return command;
};

/** Without comments, and with a letter for what is quoted or comes from another command. */
const bareOf = (command: string): string =>
  command
    .replaceAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"|`[^`]*`/gs, '_')
    .replaceAll(/\$\((?:[^()]|\([^()]*\))*\)/g, '_')
    .replace(/(?:^|\s)#.*$/m, '');

/** Words with which a shell begins something that ends in a later line, or has a meaning only there. */
const shellWords =
  /^(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|function|!|\{|\}|\[\[)(?=\s|$)/;

/** Whether a shell would find more in it than a program with its arguments and redirections. */
const isCompound = (bare: string): boolean =>
  /[;|()\n]|(?<![<>])&|^\w+=/.test(bare) || shellWords.test(bare);

const parseFolder = (place: Place, { directory, exists }: Surroundings): string => {
  const folder = resolve(directory, place.text("Write a folder, such as './legacy'.") ?? '.');
  if (exists(folder)) return folder;
  throw place.invalid(`names ${place.value}, which does not exist`, 'Correct the path.');
};

const parseHealthPath = (place: Place, port: number | undefined): string | undefined => {
  const fix = "Write a path, such as '/health'.";
  const path = place.text(fix);
  if (path === undefined) return undefined;
  if (port === undefined) throw place.invalid('needs a port', 'Add port, or leave health out.');
  if (/^\/\S*$/.test(path)) return path;
  throw place.invalid(`is ${JSON.stringify(path)}`, fix);
};

const refuseOwnPort = (env: Place): void => {
  const taken = ['PORT', 'HOST'].find((name) => !env.at(name).isAbsent);
  if (taken === undefined) return;
  throw env.at(taken).invalid('is given to each instance', `Remove it; read ${taken} instead.`);
};

import { ForgeError } from './forge-error.ts';

export const nodeTooOld = (version: string): ForgeError =>
  new ForgeError({
    code: 'NODE_TOO_OLD',
    exitCode: 2,
    message: `ThreadForge needs Node 24 or later, and this is Node ${version}`,
    remedy: 'Install Node 24, or `npm install node@24` beside it and start it with `npx forge`.',
    facts: { version },
  });

/** What a port is for, and how one chooses another. */
export type PortPlace = { readonly name: string; readonly setting: string };

export const portInUse = (
  { port, place }: { readonly port: number; readonly place: PortPlace },
  owner: string | undefined,
  cause: unknown,
): ForgeError =>
  new ForgeError({
    code: 'PORT_IN_USE',
    exitCode: 2,
    message: `Port ${port} (${place.name}) is taken${owner === undefined ? '' : ` by ${owner}`}`,
    remedy: `Stop its owner, or choose another port with ${place.setting}.`,
    facts: { port },
    cause,
  });

/** `elsewhere` is its run directory when this command would not find it. */
export const alreadyRunning = (
  app: string,
  pid: number | undefined,
  elsewhere?: string,
): ForgeError =>
  new ForgeError({
    code: 'ALREADY_RUNNING',
    exitCode: 5,
    message: `${app} is already running${pid === undefined ? '' : ` under supervisor ${pid}`}${elsewhere === undefined ? '' : `, in ${elsewhere}`}`,
    remedy:
      elsewhere === undefined
        ? 'Attach with `forge top`, or end it with `forge stop`.'
        : `Set FORGE_RUN_DIR=${elsewhere}, then attach with \`forge top\`, or end it with \`forge stop\`.`,
    facts: { app, ...(pid === undefined ? {} : { pid }) },
  });

/** Its event loop is blocked, or somebody has stopped it. */
export const supervisorHangs = (pid: number, withinMs: number): ForgeError =>
  new ForgeError({
    code: 'SUPERVISOR_HANGS',
    exitCode: 5,
    message: `Supervisor ${pid} does not answer, and has not ended within ${withinMs / 1_000} s of SIGTERM`,
    remedy: `Wait, or end it with \`kill -9 ${pid}\`: its workers live on, and \`forge stop\` then stops them.`,
    facts: { pid },
  });

export const socketPathTooLong = (path: string): ForgeError =>
  new ForgeError({
    code: 'SOCKET_PATH_TOO_LONG',
    exitCode: 2,
    message: `${path} is longer than the 107 bytes a Unix socket path may have`,
    remedy: 'Set FORGE_RUN_DIR to a shorter folder, such as /run/forge.',
    facts: { path },
  });

export const runDirUnsafe = (directory: string, problem: string): ForgeError =>
  new ForgeError({
    code: 'RUN_DIR_UNSAFE',
    exitCode: 2,
    message: `The run directory ${directory} cannot be used: ${problem}`,
    remedy: 'Remove it, or set FORGE_RUN_DIR to a folder of your own.',
    facts: { directory },
  });

export const folderUnwritable = (folder: string, cause: unknown): ForgeError =>
  new ForgeError({
    code: 'FOLDER_UNWRITABLE',
    exitCode: 2,
    message: `Nothing can be written into ${folder}: ${cause instanceof Error ? cause.message : cause}`,
    remedy:
      'Give the user that runs the app the right to write there: logs and state are kept in it.',
    facts: { folder },
    cause,
  });

/** What a supervisor that ended at once has said on its stderr, and its exit code. */
export const notStarted = (said: string, exitCode: unknown): ForgeError => {
  const [, message = said, remedy] = /^forge: (.*)\n {2}→ (.*)$/s.exec(said.trim()) ?? [];
  return new ForgeError({
    code: 'NOT_STARTED',
    exitCode: exitCode === 1 || exitCode === 2 || exitCode === 5 ? exitCode : 3,
    message: message === '' ? 'The supervisor ended, and said nothing' : message,
    remedy: remedy ?? 'Nothing was changed; correct the app and try again.',
    facts: { exitCode },
  });
};

export const stoppedMeanwhile = (): ForgeError =>
  new ForgeError({
    code: 'STOPPED_MEANWHILE',
    exitCode: 3,
    message: 'The app was stopped before it was ready',
    remedy: '`forge actions` tells who stopped it; `forge start` starts it again.',
  });

export const nameTaken = (service: string, connected: string): ForgeError =>
  new ForgeError({
    code: 'NAME_TAKEN',
    exitCode: 2,
    message: `${service} connects to ${connected}, and has a this.${connected} of its own`,
    remedy: 'Rename the service or the method, or take it out of `connects`.',
    facts: { service, connected },
  });

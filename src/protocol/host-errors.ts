import { ForgeError } from './forge-error.ts';

/** What can go wrong on the way to another machine. */
export const sshMissing = (): ForgeError =>
  new ForgeError({
    code: 'SSH_MISSING',
    exitCode: 2,
    message: 'There is no ssh on this machine',
    remedy: 'Install the OpenSSH client.',
    facts: {},
  });

export const hostUnreachable = (host: string, said: string): ForgeError =>
  new ForgeError({
    code: 'HOST_UNREACHABLE',
    exitCode: 4,
    message: `ssh does not get to ${host}: ${said}`,
    remedy: `Try \`ssh ${host}\`; what works there works here.`,
    facts: { host },
  });

export const hostWithoutForge = (host: string): ForgeError =>
  new ForgeError({
    code: 'HOST_WITHOUT_FORGE',
    exitCode: 2,
    message: `There is no forge on ${host} where its shell looks for commands`,
    remedy: `Install it there, or put it in the PATH that \`ssh ${host} env\` shows.`,
    facts: { host },
  });

export const hostForgeOlder = (host: string): ForgeError =>
  new ForgeError({
    code: 'HOST_FORGE_OLDER',
    exitCode: 2,
    message: `The forge on ${host} is too old to be watched from elsewhere`,
    remedy: `Update it, or run \`ssh -t ${host} forge top\`.`,
    facts: { host },
  });

export const hostRefused = (host: string, said: string): ForgeError =>
  new ForgeError({
    code: 'HOST_REFUSED',
    exitCode: 4,
    message: `On ${host}: ${said}`,
    remedy: `Name the app's folder on ${host} with \`--app DIR\`, or start it there.`,
    facts: { host },
  });

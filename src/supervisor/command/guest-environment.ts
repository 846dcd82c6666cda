import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuestAssignment } from '../../protocol/worker/messages.ts';

type Environment = Readonly<Record<string, string>>;

const extension = extname(import.meta.url).replace('.', '.c');
const preload = fileURLToPath(new URL(`../../sdk/guest/preload${extension}`, import.meta.url));

/** Makes each Node process that is started with it preload a guest; other programs do not care. */
export const withGuest = (environment: Environment, assignment: GuestAssignment): Environment => {
  const { NODE_OPTIONS: nodeOptions } = environment;
  const before = nodeOptions === undefined ? {} : { nodeOptions };
  return {
    ...environment,
    NODE_OPTIONS: [nodeOptions ?? '', `--require ${quoted(preload)}`].join(' ').trim(),
    FORGE_GUEST: JSON.stringify({ ...assignment, ...before }),
  };
};

const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, '\\$&')}"`;

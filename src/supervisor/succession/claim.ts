import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { appFiles } from '../../protocol/app-files.ts';
import { alreadyRunning, runDirUnsafe } from '../../protocol/start-errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { readJson, writeAtomic } from '../../sdk/channel/atomic-file.ts';
import {
  decodeIdentity,
  isAlive,
  type ProcessIdentity,
  thisProcess,
} from '../../sdk/channel/process-start.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import { setDamagedAside } from './damage.ts';
import { isRunning } from './notes.ts';
import { appOwnerOf } from './whereabouts.ts';

/** Of who starts an app: hears for whom it waits, and may give up. */
export type Waiting = { readonly say: (text: string) => void; readonly signal: AbortSignal };

type Claim = {
  readonly app: string;
  readonly waitMs?: number;
  readonly waiting?: Waiting;
  /** Who has it now is about to hand over its run. */
  readonly isHandedOn?: boolean;
};

export type ClaimedDir = Disposable & {
  /** What could not be read of what an earlier supervisor left here, in words. */
  readonly damage: readonly string[];
};

/** Makes a run directory ours until disposed. */
export const claimRunDir = async (directory: string, claim: Claim): Promise<ClaimedDir> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  checkSafe(directory);
  chmodSync(directory, 0o700);
  checkContent(directory);
  const lock = await lockFor(claim, {
    take: () => lockDirectory(directory),
    runDir: () => directory,
    pid: () => readOwner(directory)?.pid,
  });
  if (lock === undefined) {
    const owner = await named(() => readOwner(directory));
    throw alreadyRunning(claim.app, owner?.pid);
  }
  using claims = new DisposableStack();
  claims.defer(() => lock.close());
  const damage = setDamagedAside(directory);
  writeAtomic(runFiles.owner(directory), JSON.stringify(thisProcess()));
  claims.defer(() => rmSync(runFiles.owner(directory), { force: true }));
  const kept = claims.move();
  return { damage, [Symbol.dispose]: () => kept.dispose() };
};

const lookEveryMs = 20;
const sayAfterMs = 1_000;
/** Who has just taken it writes down within milliseconds who it is. */
const namedWithinMs = 500;

const named = async <T>(look: () => T | undefined): Promise<T | undefined> => {
  for (const until = performance.now() + namedWithinMs; performance.now() < until; ) {
    const owner = look();
    if (owner !== undefined) return owner;
    await after(lookEveryMs);
  }
  return undefined;
};

type Sought<T> = {
  readonly take: () => Promise<T | undefined>;
  /** That of who has it. */
  readonly runDir: () => string | undefined;
  readonly pid: () => number | undefined;
};

/**
 * The one that goes away tells nobody: it has to be looked at. Who is only starting or stopping has
 * no run yet, or none any more: until there is one it is worth waiting.
 */
const lockFor = async <T>(
  { waitMs = 0, isHandedOn = false, waiting }: Claim,
  { take, runDir, pid }: Sought<T>,
): Promise<T | undefined> => {
  const from = performance.now();
  const until = from + waitMs;
  const isVain = (): boolean => performance.now() >= until || (!isHandedOn && hasRun(runDir()));
  let say = waiting?.say;
  for (;;) {
    waiting?.signal.throwIfAborted();
    const lock = await take();
    if (lock !== undefined || isVain()) return lock;
    if (performance.now() - from >= sayAfterMs) {
      say?.(`waits for the app that is stopping or starting (pid ${pid() ?? 'unknown'})`);
      say = undefined;
    }
    await after(lookEveryMs);
  }
};

const hasRun = (runDir: string | undefined): boolean =>
  runDir !== undefined && existsSync(runFiles.state(runDir));

/**
 * Makes what an app keeps in its folder ours until disposed: whoever starts it with another run
 * directory finds the run directory free, and must not keep the same logs and figures a second time.
 */
export const claimAppFolder = async (
  directory: string,
  { runDir, ...claim }: Claim & { readonly runDir: string },
): Promise<Disposable> => {
  const { app } = claim;
  const file = appFiles.owner(directory);
  mkdirSync(appFiles.folder(directory), { recursive: true });
  const lock = await lockFor(claim, {
    take: () => lockDirectory(appFiles.folder(directory), '/state'),
    runDir: () => appOwnerOf(directory)?.runDir,
    pid: () => appOwnerOf(directory)?.pid,
  });
  if (lock === undefined) {
    const winner = await named(() => appOwnerOf(directory));
    throw alreadyRunning(app, winner?.pid, winner?.runDir);
  }
  const owner = appOwnerOf(directory);
  // Its supervisor has died, and its workers live: they have started the next one, or wait for it.
  if (owner !== undefined && owner.runDir !== runDir && isRunning(owner.runDir)) {
    lock.close();
    throw alreadyRunning(app, owner.pid, owner.runDir);
  }
  try {
    writeAtomic(file, JSON.stringify({ ...thisProcess(), runDir }));
  } catch {
    // On a full disk the app is ours all the same; whoever is refused is not told by whom.
  }
  return {
    [Symbol.dispose]: () => {
      rmSync(file, { force: true });
      lock.close();
    },
  };
};

/** Whoever may write into the directory could put sockets of his own there. */
const checkSafe = (directory: string): void => {
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw runDirUnsafe(directory, 'it is no directory');
  if (found.uid !== process.getuid?.()) throw runDirUnsafe(directory, 'it belongs to another user');
};

/** What others put there while they could is believed as little as they are. */
const checkContent = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    const found = lstatSync(join(directory, name), { throwIfNoEntry: false });
    if (found === undefined || found.uid === process.getuid?.()) continue;
    throw runDirUnsafe(directory, `${name} in it belongs to another user`);
  }
};

/** The supervisor that lives in a run directory. */
export const readOwner = (directory: string): ProcessIdentity | undefined => {
  const owner = decodeIdentity(readJson(runFiles.owner(directory)));
  return owner !== undefined && isAlive(owner) ? owner : undefined;
};

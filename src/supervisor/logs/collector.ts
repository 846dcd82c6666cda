import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { LogsConfig } from '../config/app-config.ts';
import { lockDirectory } from '../process/directory-lock.ts';
import { HeldFiles } from '../process/writers.ts';
import { listSpools } from './catalog.ts';
import { groupOf, streamKey } from './names.ts';
import { isDiskLow } from './plan-rotation.ts';
import { rotate } from './rotation.ts';
import { Spool } from './spool.ts';
import { type Circumstances, SpoolKeeper } from './spool-keeper.ts';

export type CollectorOptions = {
  readonly logs: string;
  /** Those that hold now: a reload may bring others. */
  readonly limits: () => LogsConfig;
  readonly onEvent: (event: TimelineEvent) => void;
};

const chunkBytes = 1024 * 1024;
const passEveryMs = 200;
/** While nobody logs anything. */
const quietPassEveryMs = 1_000;
const quietAfterMs = 2_000;
const lookAtDiskMs = 1_000;
const rotateEveryMs = 10_000;
const giveBackAgainMs = 60_000;
/** How long the end may take; what is left then is copied by the next supervisor. */
const lastPassesMs = 5_000;

/**
 * The single writer of the log store: the lock of its folder lets in no other. Workers append to spools of their own, whoever supervises
 * them; this copies from there, and deletes what is too old or too much.
 */
export class Collector implements AsyncDisposable {
  readonly #options: CollectorOptions;
  readonly #keepers = new Map<string, SpoolKeeper>();
  readonly #stop = new AbortController();
  readonly #buffer: Buffer;
  readonly #loop: Promise<void>;
  #lock: Server | undefined;
  #ended: Promise<void> | undefined;
  #isDiskLow = false;
  #diskAt = Number.NEGATIVE_INFINITY;
  #rotatedAt = Number.NEGATIVE_INFINITY;
  /** Not before then. */
  #giveBackAt = Number.NEGATIVE_INFINITY;
  #hasToldWhyNot = false;
  #copiedSinceRotation = 0;
  #copiedAt = 0;
  /** Why nothing is copied. */
  #problem: string | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#buffer = Buffer.alloc(Math.min(chunkBytes, options.limits().maxSize));
    this.#loop = this.#run();
  }

  /** Copies what is left, and lets go; the same promise for everyone who asks. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    const deadline = performance.now() + lastPassesMs;
    while ((await this.#pass(true)) && performance.now() < deadline);
    for (const { spool } of this.#keepers.values()) await spool[Symbol.asyncDispose]();
    this.#lock?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (await this.#pass(false)) continue;
      const isQuiet = performance.now() - this.#copiedAt > quietAfterMs;
      const forMs = isQuiet ? quietPassEveryMs : passEveryMs;
      await pause(forMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Attends to every spool once; answers whether lines are left that could be copied now. */
  async #pass(isLast: boolean): Promise<boolean> {
    // Nothing has been logged yet, or someone took it all away.
    if (!existsSync(this.#options.logs)) return false;
    let problem: string | undefined;
    let isBehind = false;
    const note = (error: unknown): void => {
      problem ??= error instanceof Error ? error.message : String(error);
    };
    await this.#lookAtDisk().catch(note);
    if (!(await this.#isOnly().catch(note))) return false;
    await this.#discover(note);
    const now = this.#circumstances(isLast);
    for (const [key, keeper] of this.#keepers) {
      try {
        const outcome = await keeper.attend(now);
        this.#copiedSinceRotation += outcome.copied;
        if (outcome.copied > 0) this.#copiedAt = performance.now();
        isBehind ||= outcome.isBehind;
        if (outcome.isRemoved) this.#keepers.delete(key);
      } catch (error) {
        note(error);
      }
    }
    await this.#rotate().catch(note);
    this.#report(problem);
    return isBehind;
  }

  /** A supervisor that hands over may still be copying: two at once would double lines. */
  async #isOnly(): Promise<boolean> {
    this.#lock ??= await lockDirectory(this.#options.logs);
    return this.#lock !== undefined;
  }

  async #discover(note: (error: unknown) => void): Promise<void> {
    for (const stream of listSpools(this.#options.logs)) {
      const key = streamKey(stream);
      if (this.#keepers.has(key)) continue;
      try {
        this.#keepers.set(
          key,
          new SpoolKeeper(await Spool.open(this.#options.logs, stream, this.#buffer)),
        );
      } catch (error) {
        note(error);
      }
    }
  }

  async #lookAtDisk(): Promise<void> {
    if (performance.now() - this.#diskAt < lookAtDiskMs) return;
    this.#diskAt = performance.now();
    const { bavail, blocks } = await statfs(this.#options.logs);
    const freePercent = blocks === 0 ? 100 : (bavail / blocks) * 100;
    this.#isDiskLow = isDiskLow(this.#isDiskLow, freePercent, this.#options.limits().minFree);
  }

  async #rotate(): Promise<void> {
    const { logs } = this.#options;
    const limits = this.#options.limits();
    const isDue = performance.now() - this.#rotatedAt >= rotateEveryMs;
    if (!isDue && this.#copiedSinceRotation < limits.maxSize) return;
    this.#rotatedAt = performance.now();
    this.#copiedSinceRotation = 0;
    for (const { spool } of this.#keepers.values()) await spool.rollIfDue(limits);
    await rotate(logs, limits);
  }

  #circumstances(isLast: boolean): Circumstances {
    return {
      limits: this.#options.limits(),
      isDiskLow: this.#isDiskLow,
      isLast,
      held: new HeldFiles(),
      canGiveBack: performance.now() >= this.#giveBackAt,
      cannotGiveBack: (worker, problem) => this.#cannotGiveBack(worker, problem),
      say: (severity, worker, text) => this.#say({ severity, service: groupOf(worker), text }),
    };
  }

  /** Most file systems that cannot now never can; a system without room for a process soon has some. */
  #cannotGiveBack(worker: string, error: unknown): void {
    this.#giveBackAt = performance.now() + giveBackAgainMs;
    if (this.#hasToldWhyNot) return;
    this.#hasToldWhyNot = true;
    const problem = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
    const text = `the output of a living worker keeps its room on the disk: ${problem}`;
    this.#say({ severity: 'warning', service: groupOf(worker), text });
  }

  /** Said when it begins and when it is over, and not in every pass between. */
  #report(error: string | undefined): void {
    const problem = this.#isDiskLow ? 'the disk is nearly full' : error;
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#say(
      problem === undefined
        ? { severity: 'ok', service: 'logs', text: 'logs are copied again' }
        : { severity: 'warning', service: 'logs', text: `logs are not copied: ${problem}` },
    );
  }

  #say(event: Pick<TimelineEvent, 'severity' | 'service' | 'text'>): void {
    this.#options.onEvent({ ...event, at: new Date().toISOString(), kind: 'logs' });
  }
}

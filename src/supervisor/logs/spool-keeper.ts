import type { Severity } from '../../protocol/severity.ts';
import type { LogsConfig } from '../config/app-config.ts';
import { type HeldFiles, hasWriter } from '../process/writers.ts';
import { planSpool } from './plan-rotation.ts';
import { passBytes, type Spool } from './spool.ts';

/** What holds for all spools at the moment. */
export type Circumstances = {
  readonly limits: LogsConfig;
  readonly isDiskLow: boolean;
  /** Nothing comes after this pass: who has ended is to be found out now. */
  readonly isLast: boolean;
  readonly held: HeldFiles;
  /** The file system takes back parts of a file. */
  readonly canGiveBack: boolean;
  readonly cannotGiveBack: (worker: string, problem: unknown) => void;
  readonly say: (severity: Severity, worker: string, text: string) => void;
};

export type Attendance = {
  readonly copied: number;
  /** There are more lines, which can be copied at once. */
  readonly isBehind: boolean;
  readonly isRemoved: boolean;
};

const lookForWriterMs = 5_000;
const sayLossMs = 30_000;

/** What is done for one spool in each pass. */
export class SpoolKeeper {
  readonly spool: Spool;
  #size = -1;
  #isEnded = false;
  #lookedAt = performance.now();
  #lost = 0;
  #saidLossAt = Number.NEGATIVE_INFINITY;

  constructor(spool: Spool) {
    this.spool = spool;
  }

  async attend(now: Circumstances): Promise<Attendance> {
    this.#look(now);
    await this.#relieve(now);
    const isIdle = this.#size <= this.spool.copied && !this.#isEnded;
    if (isIdle || now.isDiskLow) return { copied: 0, isBehind: false, isRemoved: false };
    const copied = await this.spool.copy(now.limits, this.#isEnded);
    const isBehind = copied >= passBytes;
    const isRemoved = this.#isEnded && !isBehind;
    if (isRemoved) await this.spool.remove();
    return { copied, isBehind, isRemoved };
  }

  /** Only a spool that has stopped growing is worth asking whether anybody still writes it. */
  #look(now: Circumstances): void {
    const { size, dev, ino } = this.spool.look();
    const isQuiet = size === this.#size && performance.now() - this.#lookedAt >= lookForWriterMs;
    this.#size = size;
    if (this.#isEnded || !(isQuiet || now.isLast)) return;
    this.#lookedAt = performance.now();
    this.#isEnded = !hasWriter(this.spool.file, { dev, ino }, now.held);
  }

  async #relieve(now: Circumstances): Promise<void> {
    const { copied, givenBack } = this.spool;
    const plan = planSpool({ size: this.#size, copied, givenBack }, now.limits, now.isDiskLow);
    if (plan.skipTo !== undefined) {
      const skipped = await this.spool.skip(plan.skipTo);
      this.#lost += skipped;
    }
    if (plan.giveBackTo !== undefined && now.canGiveBack) {
      await this.spool
        .giveBack(plan.giveBackTo)
        .catch((problem: unknown) => now.cannotGiveBack(this.spool.stream.worker, problem));
    }
    this.#sayLoss(now);
  }

  #sayLoss(now: Circumstances): void {
    if (this.#lost === 0 || performance.now() - this.#saidLossAt < sayLossMs) return;
    const megabytes = (this.#lost / 1024 / 1024).toFixed(1);
    const why = now.isDiskLow ? 'the disk is nearly full' : 'there will be no room for them';
    now.say('warning', this.spool.stream.worker, `gave up ${megabytes} MB of its logs: ${why}`);
    this.#lost = 0;
    this.#saidLossAt = performance.now();
  }
}

import { join } from 'node:path';
import type { Recommendation } from '../../src/protocol/advice.ts';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { type ControlClient, connect } from '../../src/sdk/control/client.ts';
import type { DemoApp } from '../../test/helpers/demo.ts';
import { MachineUse, type Use } from './machine-use.ts';

export type Sighting = {
  /** `scale_up orders` */
  readonly what: string;
  readonly afterMs: number;
  /** From the beginning of the first second in which a signal was over its critical line. */
  readonly afterCriticalMs?: number;
  readonly recommendation: Recommendation;
};

/** By the last second of each sparkline, which lags behind by no window, and what waits now. */
const isCritical = ({ status, history, advice: { thresholds } }: Snapshot): boolean =>
  status.services.some(({ name, pending }) => {
    const { cpu = [], p99 = [] } = history[name] ?? {};
    return (
      (cpu.at(-1) ?? 0) >= thresholds.cpu.critical ||
      (p99.at(-1) ?? 0) >= thresholds.latencyP99.critical ||
      pending >= thresholds.pending.critical
    );
  });

/** Looks at a running app once a second, as the console does. */
export class Watch implements AsyncDisposable {
  readonly #client: ControlClient;
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<() => void>();
  readonly #machine = new MachineUse();
  #uses: Use[] = [];
  readonly #known = new Set<string>();
  #beganAt = performance.now();
  #criticalAt: number | undefined;
  #sightings: Sighting[] = [];
  #refusals = new Set<string>();

  /** Every wait ends with an error when `signal` is aborted. */
  static async on({ env }: Pick<DemoApp, 'env'>, signal: AbortSignal): Promise<Watch> {
    const client = await connect(join(env['FORGE_RUN_DIR'] ?? '', 'control.sock'), {
      role: 'viewer',
    });
    const watch = new Watch(client, signal);
    await client.subscribe(1_000, (snapshot) => watch.#see(snapshot));
    return watch;
  }

  private constructor(client: ControlClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** Advice that was not there before the last `begin`, in the order of its coming. */
  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** `scale_up orders: because …`, each once. */
  get refusals(): readonly string[] {
    return [...this.#refusals];
  }

  begin(): void {
    this.#beganAt = performance.now();
    this.#criticalAt = undefined;
    this.#uses = [];
    this.#sightings = [];
    this.#refusals = new Set();
  }

  /** Mean use of the machine since the last `begin`. */
  use(): Use {
    const mean = (pick: (use: Use) => number): number =>
      this.#uses.reduce((sum, use) => sum + pick(use), 0) / Math.max(1, this.#uses.length);
    return { all: mean(({ all }) => all), others: mean(({ others }) => others) };
  }

  /** For how many seconds up to now other programs have used less of the machine than this. */
  quietSeconds(percent: number): number {
    return this.#uses.length - 1 - this.#uses.findLastIndex(({ others }) => others >= percent);
  }

  for(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs;
    return this.until(() => performance.now() >= until, durationMs);
  }

  /** Resolves when it is so, or when the time is over. */
  async until(isSo: (watch: Watch) => boolean, limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    while (!isSo(this) && performance.now() < end) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
      this.#signal.throwIfAborted();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  #see(snapshot: Snapshot): void {
    const { advice } = snapshot;
    this.#uses.push(this.#machine.take());
    if (isCritical(snapshot)) this.#criticalAt ??= performance.now() - 1_000;
    for (const recommendation of advice.recommendations) {
      const { id, action, service } = recommendation;
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      const now = performance.now();
      this.#sightings.push({
        what: `${action} ${service}`,
        afterMs: now - this.#beganAt,
        ...(this.#criticalAt !== undefined && { afterCriticalMs: now - this.#criticalAt }),
        recommendation,
      });
    }
    for (const { action, service, because } of advice.notAdvised) {
      this.#refusals.add(`${action} ${service}: ${because}`);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

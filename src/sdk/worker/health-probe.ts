import { setTimeout as after } from 'node:timers/promises';
import { type Health, Service } from '../service.ts';
import type { Hosted } from './hosted.ts';

/** Service → why it is not well. */
export type Unhealthy = Readonly<Record<string, string>>;

const probeEveryMs = 1_000;
const firstProbesEveryMs = 250;
const probeLimitMs = 1_000;
/** A dependency that comes and goes must not make the routes do the same. */
const agreeing = 2;

/** Asks the services of this worker how they are, first until they are well, then once a second. */
export class HealthProbe {
  readonly #services: readonly Hosted[];
  readonly #changed: () => void;
  readonly #doubts = new Map<string, number>();
  #unhealthy: Unhealthy = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(hosted: Iterable<Hosted>, changed: () => void) {
    this.#services = [...hosted].filter(hasHealth);
    this.#changed = changed;
  }

  get unhealthy(): Unhealthy {
    return this.#unhealthy;
  }

  /** Resolves when every service that started says that it is well. */
  async passed(): Promise<void> {
    for (;;) {
      const found = await this.#probe();
      this.#adopt(found);
      if (Object.keys(found).length === 0) return;
      await after(firstProbesEveryMs);
    }
  }

  watch(): void {
    if (this.#services.length === 0) return;
    this.#timer = setTimeout(() => void this.#look(), probeEveryMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const found = await this.#probe();
    const names = this.#services.map(({ name }) => name);
    const settled = names.filter((name) => this.#isSettled(name, found[name]));
    const kept = Object.entries(this.#unhealthy).filter(([name]) => !settled.includes(name));
    const fresh = Object.entries(found).filter(([name]) => settled.includes(name));
    this.#adopt(Object.fromEntries([...kept, ...fresh]));
    this.watch();
  }

  /** Whether the last probes agree, if they say something new. */
  #isSettled(name: string, found: string | undefined): boolean {
    const isNew = (found === undefined) !== (this.#unhealthy[name] === undefined);
    const doubts = isNew ? (this.#doubts.get(name) ?? 0) + 1 : 0;
    this.#doubts.set(name, doubts);
    return !isNew || doubts >= agreeing;
  }

  #adopt(unhealthy: Unhealthy): void {
    if (JSON.stringify(unhealthy) === JSON.stringify(this.#unhealthy)) return;
    this.#unhealthy = unhealthy;
    this.#changed();
  }

  async #probe(): Promise<Unhealthy> {
    const probed = await Promise.all(
      this.#services
        .filter(({ failure }) => failure === undefined)
        .map(async ({ name, service }) => [name, await problemOf(service)] as const),
    );
    return Object.fromEntries(
      probed.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, problem]])),
    );
  }
}

const hasHealth = ({ service }: Hosted): boolean => service.health !== Service.prototype.health;

const problemOf = async (service: Service): Promise<string | undefined> => {
  const late = Promise.withResolvers<Health>();
  const timer = setTimeout(
    () => late.resolve({ status: 'down', detail: `health() took over ${probeLimitMs} ms` }),
    probeLimitMs,
  );
  try {
    const { status, detail } = await Promise.race([service.health(), late.promise]);
    return status === 'down' ? (detail ?? 'it says that it is down') : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
};

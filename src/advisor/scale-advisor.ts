import { EventEmitter } from 'node:events';
import type { ActionRequest } from '../protocol/action.ts';
import type { Recommendation } from '../protocol/advice.ts';
import { percent } from '../protocol/units.ts';
import { advise } from './advisor.ts';
import { initialMemory, type Memory } from './memory.ts';
import { type AdvisorSettings, defaultSettings } from './settings.ts';
import { toActionRequest } from './to-action.ts';
import type { View } from './view.ts';

export type ScaleAdvisorOptions = Partial<AdvisorSettings> & {
  /** Asked for the view at each evaluation. */
  readonly view: () => View;
};

export type Executor = (request: ActionRequest, advice: Recommendation) => Promise<void>;

type Events = {
  readonly recommendations: [readonly Recommendation[]];
  readonly recommendation: [Recommendation];
  readonly error: [unknown];
};

/** The advisor with a clock of its own, for programs that embed it: a thin shell round `advise`. */
export class ScaleAdvisor extends EventEmitter<Events> {
  readonly #options: ScaleAdvisorOptions;
  readonly #settings: AdvisorSettings;
  readonly #reported = new Map<string, number>();
  #memory: Memory = initialMemory;
  #recommendations: readonly Recommendation[] = [];
  #executor: Executor | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ScaleAdvisorOptions) {
    super();
    this.#options = options;
    this.#settings = { ...defaultSettings, ...options };
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.evaluate(), this.#settings.evaluationIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  setExecutor(executor: Executor): void {
    this.#executor = executor;
  }

  /** CPU that a service measured itself, 0–100 of one core; it replaces that of the view. */
  reportWorkerCpu(service: string, cpu: number): void {
    this.#reported.set(service, cpu);
  }

  report(): readonly Recommendation[] {
    return this.#recommendations;
  }

  async evaluate(): Promise<readonly Recommendation[]> {
    const { memory, recommendations, changes } = advise(this.#memory, this.#view(), this.#settings);
    this.#memory = memory;
    this.#recommendations = recommendations;
    this.emit('recommendations', recommendations);
    for (const { kind, recommendation } of changes) {
      if (kind === 'opened') await this.#opened(recommendation);
    }
    return recommendations;
  }

  #view(): View {
    const view = this.#options.view();
    const services = view.services.map((service) => {
      const cpu = this.#reported.get(service.service);
      if (cpu === undefined) return service;
      return { ...service, cpuPerWorker: percent(cpu), busyPerWorker: [percent(cpu)] };
    });
    return { ...view, services };
  }

  async #opened(recommendation: Recommendation): Promise<void> {
    this.emit('recommendation', recommendation);
    const request = toActionRequest(recommendation);
    if (!this.#settings.autoExecute || request === undefined) return;
    try {
      await this.#executor?.(request, recommendation);
    } catch (error) {
      this.emit('error', error);
    }
  }
}

import { EventEmitter } from 'node:events';
import type { ActionRequest } from '../protocol/action.ts';
import type { Recommendation } from '../protocol/advice.ts';
import { type Instant, instant, seconds } from '../protocol/units.ts';
import { type Advised, actionDone, advise } from './advisor.ts';
import { type Done, initialMemory, type Memory } from './memory.ts';
import { reportsKept, withReported } from './reported.ts';
import { type AdvisorSettings, defaultSettings } from './settings.ts';
import { directionOf, toActionRequest } from './to-action.ts';
import type { View } from './view.ts';

export type ScaleAdvisorOptions = Partial<AdvisorSettings> & {
  /** Asked for the view once a second, and at each evaluation. */
  readonly view: () => View;
  /** Of an earlier run, so that long windows survive. */
  readonly memory?: Memory;
};

export type Executor = (request: ActionRequest, advice: Recommendation) => Promise<void>;

type Events = {
  readonly recommendations: [readonly Recommendation[]];
  readonly recommendation: [Recommendation];
  readonly error: [unknown];
};

/**
 * The advisor with a clock of its own, for programs that embed it: a thin shell round `advise`. It
 * looks every second and speaks every `evaluationIntervalMs`, and at once when it becomes critical.
 */
export class ScaleAdvisor extends EventEmitter<Events> {
  readonly #view: () => View;
  readonly #settings: AdvisorSettings;
  readonly #reported = new Map<string, readonly number[]>();
  #memory: Memory;
  #recommendations: readonly Recommendation[] = [];
  /** Opened, and not yet told. */
  #news: readonly Recommendation[] = [];
  #toldAt: Instant = instant(0);
  #executor: Executor | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ view, memory, ...settings }: ScaleAdvisorOptions) {
    super();
    this.#view = view;
    this.#memory = memory ?? initialMemory;
    this.#settings = { ...defaultSettings, ...settings };
  }

  get memory(): Memory {
    return this.#memory;
  }

  start(): void {
    const everyMs = Math.min(seconds(1), this.#settings.evaluationIntervalMs);
    this.#timer ??= setInterval(() => void this.#tick(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  setExecutor(executor: Executor): void {
    this.#executor = executor;
  }

  /** CPU that one worker of a service measured itself, 0–100 of one core, in place of the view's. */
  reportWorkerCpu(service: string, cpu: number): void {
    this.#reported.set(service, [...(this.#reported.get(service) ?? []), cpu].slice(-reportsKept));
  }

  report(): readonly Recommendation[] {
    return this.#recommendations;
  }

  /** The cooldown of a service begins when an action on it is done. */
  actionDone(done: Done): void {
    this.#memory = actionDone(this.#memory, done);
  }

  /** Looks and speaks now. */
  async evaluate(): Promise<readonly Recommendation[]> {
    const { at } = this.#look();
    await this.#tell(at);
    return this.#recommendations;
  }

  async #tick(): Promise<void> {
    try {
      const { at, changes } = this.#look();
      const isUrgent = changes.some(
        ({ kind, recommendation }) => kind === 'opened' && recommendation.severity === 'critical',
      );
      if (isUrgent || at - this.#toldAt >= this.#settings.evaluationIntervalMs)
        await this.#tell(at);
    } catch (error) {
      this.emit('error', error);
    }
  }

  #look(): Pick<Advised, 'changes'> & { readonly at: Instant } {
    const view = withReported(this.#view(), this.#reported);
    const { memory, recommendations, changes } = advise(this.#memory, view, this.#settings);
    this.#memory = memory;
    this.#recommendations = recommendations;
    const opened = changes.filter(({ kind }) => kind === 'opened');
    this.#news = [...this.#news, ...opened.map(({ recommendation }) => recommendation)];
    return { at: view.at, changes };
  }

  async #tell(at: Instant): Promise<void> {
    this.#toldAt = at;
    const news = this.#news.filter(({ id }) => this.#recommendations.some((one) => one.id === id));
    this.#news = [];
    this.emit('recommendations', this.#recommendations);
    for (const recommendation of news) {
      this.emit('recommendation', recommendation);
      await this.#execute(recommendation);
    }
  }

  async #execute(advice: Recommendation): Promise<void> {
    const request = toActionRequest(advice);
    const executor = this.#executor;
    if (!this.#settings.autoExecute || request === undefined || executor === undefined) return;
    try {
      await executor(request, advice);
    } catch (error) {
      this.emit('error', error);
      return;
    }
    this.actionDone({
      actionId: advice.id,
      service: advice.service,
      direction: directionOf(advice.action),
      at: this.#view().at,
      recommendation: advice,
    });
  }
}

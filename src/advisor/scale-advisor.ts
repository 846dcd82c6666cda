import { EventEmitter } from 'node:events';
import type { ActionRequest } from '../protocol/action.ts';
import type { Recommendation } from '../protocol/advice.ts';
import { type Instant, instant, seconds } from '../protocol/units.ts';
import { directionOf, toActionRequest } from './advice/to-action.ts';
import { type Advised, actionDone, actionFailed, advise } from './advisor.ts';
import { pilot } from './autopilot/pilot.ts';
import { type Done, initialMemory, type Memory } from './memory/memory.ts';
import type { Verdict } from './outcome/verify.ts';
import { reportsKept, withReported } from './reported.ts';
import { type AdvisorOptions, type AdvisorSettings, settingsOf } from './settings.ts';
import type { View } from './view.ts';

export type ScaleAdvisorOptions = AdvisorOptions & {
  /** Asked for the view once a second, and at each evaluation. */
  readonly view: () => View;
  /** Of an earlier run, so that long windows survive. */
  readonly memory?: Memory;
};

export type Executor = (request: ActionRequest, advice: Recommendation) => Promise<void>;

type Events = {
  readonly recommendations: [readonly Recommendation[]];
  readonly recommendation: [Recommendation];
  /** Whether an action that was done has helped. */
  readonly verdict: [Verdict];
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
  /** Services that the executor is at work on. */
  readonly #busy = new Set<string>();
  #memory: Memory;
  #recommendations: readonly Recommendation[] = [];
  /** Opened, and not yet told. */
  #news: readonly Recommendation[] = [];
  #toldAt: Instant = instant(0);
  #executor: Executor | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ view, memory, ...options }: ScaleAdvisorOptions) {
    super();
    this.#view = view;
    this.#memory = memory ?? initialMemory;
    this.#settings = settingsOf(options);
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

  /** What carries advice out, for the kinds that `scaling.autoExecute` allows. */
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

  /** Looks, speaks and acts now. */
  async evaluate(): Promise<readonly Recommendation[]> {
    const { view } = this.#look();
    await this.#tell(view);
    return this.#recommendations;
  }

  async #tick(): Promise<void> {
    try {
      const { view, changes } = this.#look();
      const isUrgent = changes.some(
        ({ kind, recommendation }) => kind === 'opened' && recommendation.severity === 'critical',
      );
      const isTime = view.at - this.#toldAt >= this.#settings.evaluationIntervalMs;
      if (isUrgent || isTime) await this.#tell(view);
    } catch (error) {
      this.emit('error', error);
    }
  }

  #look(): Pick<Advised, 'changes'> & { readonly view: View } {
    const view = withReported(this.#view(), this.#reported);
    const advised = advise(this.#memory, view, this.#settings);
    const { memory, recommendations, changes, verified } = advised;
    this.#memory = memory;
    this.#recommendations = recommendations;
    const opened = changes.filter(({ kind }) => kind === 'opened');
    this.#news = [...this.#news, ...opened.map(({ recommendation }) => recommendation)];
    for (const verdict of verified) this.emit('verdict', verdict);
    return { view, changes };
  }

  async #tell(view: View): Promise<void> {
    this.#toldAt = view.at;
    const news = this.#news.filter(({ id }) => this.#recommendations.some((one) => one.id === id));
    this.#news = [];
    this.emit('recommendations', this.#recommendations);
    for (const recommendation of news) this.emit('recommendation', recommendation);
    await this.#act(view);
  }

  async #act(view: View): Promise<void> {
    const executor = this.#executor;
    if (executor === undefined) return;
    const given = { memory: this.#memory, view, settings: this.#settings, busy: this.#busy };
    await Promise.all(pilot(given).execute.map((advice) => this.#execute(advice, executor)));
  }

  async #execute(advice: Recommendation, executor: Executor): Promise<void> {
    const request = toActionRequest(advice);
    if (request === undefined) return;
    const { service, id, action } = advice;
    this.#busy.add(service);
    const done = { actionId: id, service, action, isAutopilots: true } as const;
    try {
      await executor(request, advice);
      const at = this.#view().at;
      this.actionDone({ ...done, direction: directionOf(action), at, recommendation: advice });
    } catch (error) {
      const failed = { ...done, direction: 'other', at: this.#toldAt } as const;
      this.#memory = actionFailed(this.#memory, failed);
      this.emit('error', error);
    } finally {
      this.#busy.delete(service);
    }
  }
}

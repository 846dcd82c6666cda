import {
  type Action,
  type Actor,
  changesLayout,
  type Layout,
  subjectOf,
  targetOf,
  type Verification,
} from '../../protocol/action.ts';
import { type Advice, adviceId } from '../../protocol/advice.ts';
import type { AllocationReport } from '../../protocol/allocation.ts';
import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { Calibration } from '../../protocol/calibration.ts';
import type { EventList, Snapshot } from '../../protocol/control/messages.ts';
import { nothingSeen, refused, unknownService } from '../../protocol/errors.ts';
import type { Explanation } from '../../protocol/explanation.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import type { Status } from '../../protocol/metrics.ts';
import type { SlowCalls } from '../../protocol/slow-calls.ts';
import { isCommand, spoken } from '../../protocol/topology.ts';
import { type Bytes, seconds } from '../../protocol/units.ts';
import type { Actions } from '../actions/actions.ts';
import { undoOffers } from '../actions/undo-offers.ts';
import type { Advisory } from '../advice/advisory.ts';
import { Autopilot } from '../advice/autopilot.ts';
import { verdictEvent } from '../advice/verdict-event.ts';
import { describeConfig } from '../config/describe-config.ts';
import { Allocator } from '../crew/allocator.ts';
import type { ServiceState } from '../crew/service-state.ts';
import type { Engine } from '../engine.ts';
import type { History } from '../history/history.ts';
import { Recorder } from '../history/recorder.ts';
import { ownVersion } from '../host/own-version.ts';
import { Machine } from '../metrics/machine.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Prometheus } from '../metrics/prometheus.ts';
import { Clock } from './clock.ts';
import { statusOf, toMeasured } from './report.ts';
import { autopilotEvent, ownEvent, type Timeline } from './timeline.ts';

export type Observed = {
  readonly engine: Engine;
  readonly actions: Actions;
  readonly advisory: Advisory;
  readonly timeline: Timeline;
  readonly history: History;
};

const sizeOf = ({ group, workers }: Layout): string => `${spoken(group)}×${workers}`;

/** Watches the app once a second, and tells what it sees. */
export class Observer implements Disposable {
  readonly #observed: Observed;
  readonly #machine = new Machine();
  readonly #version = ownVersion();
  #points = 0;
  readonly #metrics = new Metrics();
  readonly #prometheus = new Prometheus();
  readonly #allocator: Allocator;
  readonly #autopilot: Autopilot;
  readonly #recorder: Recorder;
  readonly #clock = new Clock();
  readonly #timer: NodeJS.Timeout;

  constructor(observed: Observed) {
    this.#observed = observed;
    this.#recorder = new Recorder(observed.history);
    this.#allocator = new Allocator({
      config: () => observed.engine.config,
      placements: () => observed.engine.placements,
      memoryOf: (group) => this.#memoryOf(group),
    });
    this.#autopilot = new Autopilot({ ...observed, observer: this }, (service, text) =>
      observed.timeline.add(autopilotEvent(service, text)),
    );
    observed.engine.on('sample', (workerId, sample) => {
      this.#metrics.report(workerId, sample, this.#now());
      this.#prometheus.count(workerId, sample);
    });
    observed.engine.on('event', (event) => observed.timeline.add(event));
    this.#timer = setInterval(() => void this.#tick(), seconds(1));
  }

  status(): Status {
    return this.#statusAt(this.#now(), this.#observed.engine.services());
  }

  #statusAt(at: number, states: readonly ServiceState[]): Status {
    const [machine, version] = [this.#machine.figures, this.#version];
    const { engine, advisory } = this.#observed;
    const status = statusOf(engine, this.#metrics, { machine, version, at, states });
    return { ...status, autopilot: { mode: advisory.mode } };
  }

  allocation(): AllocationReport {
    return this.#allocator.explain();
  }

  advice(done = this.#observed.actions.list()): Advice {
    const { engine, advisory } = this.#observed;
    const autopilot = this.#autopilot.report();
    return {
      version: 1,
      app: engine.config.app,
      at: new Date().toISOString(),
      ...(autopilot !== undefined && { autopilot }),
      mode: advisory.mode,
      thresholds: engine.config.advisor.thresholds,
      recommendations: advisory.recommendations,
      notAdvised: advisory.notAdvised,
      undo: advisory.mode === 'observe' ? [] : undoOffers(done, Date.now()),
    };
  }

  /** Of a service, or of the one that a recommendation is about. */
  explanation(of: string): Explanation {
    const { engine, advisory } = this.#observed;
    const names = engine.config.services.map(({ name }) => name);
    const isAdvice = adviceId.test(of) && !names.includes(of);
    const name = isAdvice ? advisory.get(of).service : of;
    if (!names.includes(name)) throw unknownService(name, names);
    const explained = advisory.explain(name);
    if (explained === undefined) throw nothingSeen(name);
    return { version: 1, app: engine.config.app, at: new Date().toISOString(), ...explained };
  }

  calibration(): Calibration {
    const { engine, advisory } = this.#observed;
    const { app } = engine.config;
    return { version: 1, app, at: new Date().toISOString(), ...advisory.calibration() };
  }

  snapshot(): Snapshot {
    const { actions, timeline } = this.#observed;
    const status = this.status();
    const done = actions.list();
    return {
      status,
      advice: this.advice(done),
      actions: done.filter(changesLayout).slice(0, 20),
      events: timeline.list().slice(-50),
      history: Object.fromEntries(
        status.services.map(({ name }) => [name, this.#metrics.history(name)]),
      ),
      points: this.#points,
    };
  }

  events(since: number | undefined): EventList {
    const { timeline } = this.#observed;
    return { version: 1, events: since === undefined ? timeline.list() : timeline.since(since) };
  }

  inspect(service: string): Inspection {
    const { engine } = this.#observed;
    const found = this.#stateOf(service);
    const { overrides } = engine;
    return {
      ...this.#metrics.inspect(toMeasured(found), Date.now()),
      settings: describeConfig(engine.config, { raw: {}, overrides, environment: {} })
        .filter(({ key }) => key.startsWith(`${service}.`))
        .map(({ key, value, from }) => ({ key, value, isOperators: from === 'operator' })),
    };
  }

  async slowest(service: string): Promise<SlowCalls> {
    const { engine } = this.#observed;
    const { app } = engine.config;
    if (isCommand(this.#stateOf(service).config)) {
      throw refused(
        `${service} is a command, whose calls are not seen one by one`,
        'See `forge top`.',
      );
    }
    const asked = await engine.slowest(service);
    return { version: 1, app, at: new Date().toISOString(), service, ...asked };
  }

  prometheus(): Promise<string> {
    return this.#prometheus.text(this.status());
  }

  actionEnded(action: Action): void {
    const { kind, worker, from, to, by, why } = action;
    const isWhole = kind !== 'stop' && kind !== 'start' && worker === undefined;
    const change = isWhole ? `${sizeOf(from)} → ${sizeOf(to)}` : subjectOf(action);
    const isOwn = by.user === 'threadforge';
    this.#observed.timeline.add({
      at: action.finishedAt ?? new Date().toISOString(),
      kind: 'action',
      severity: action.status === 'failed' || isOwn ? 'warning' : 'ok',
      service: targetOf(action),
      text: isOwn
        ? `${kind} ${spoken(to.group)}: ${why}`
        : `${by.user} ${kind} ${change}: ${action.status}`,
    });
  }

  modeChosen(mode: AutopilotMode, { user }: Actor): void {
    const { timeline, engine } = this.#observed;
    const text = `${user} set the autopilot to ${mode}`;
    timeline.add({ ...ownEvent(text, 'ok'), kind: 'advice', service: engine.config.app });
  }

  verified(actionId: string, verification: Verification): void {
    const { actions, timeline } = this.#observed;
    actions.setVerification(actionId, verification);
    const action = actions.list().find(({ id }) => id === actionId);
    if (action === undefined) return;
    timeline.add(verdictEvent(action, verification));
    this.#autopilot.verified(action, verification);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #stateOf(service: string): ServiceState {
    const states = this.#observed.engine.services();
    const found = states.find(({ config }) => config.name === service);
    if (found !== undefined) return found;
    throw unknownService(
      service,
      states.map(({ config }) => config.name),
    );
  }

  #memoryOf(group: string): Bytes | undefined {
    const services = this.#observed.engine.services().filter((service) => service.group === group);
    const ids = new Set(services.flatMap(({ workers }) => workers.map(({ id }) => id)));
    return this.#metrics.memoryOf([...ids], this.#now());
  }

  async #tick(): Promise<void> {
    const machine = await this.#machine.read();
    const at = this.#now();
    const states = this.#observed.engine.services();
    const running = states.filter(({ isStopped }) => isStopped !== true);
    const { thresholds } = this.#observed.engine.config.advisor;
    const slowFromMs = thresholds.latencyP99.critical;
    const services = running.map((state) => ({ ...toMeasured(state), slowFromMs }));
    const workers = services.flatMap(({ workers }) => workers.map(({ id }) => id));
    const ingresses = this.#observed.engine.front.ingresses.map(({ id }) => id);
    const kept = new Set([...workers, ...ingresses]);
    for (const one of [this.#metrics, this.#prometheus]) one.keepOnly(kept);
    this.#metrics.tick(services, at);
    this.#points += 1;
    const { actions, advisory } = this.#observed;
    actions.flush();
    const view = this.#metrics.view(services, machine, at);
    advisory.tick(view);
    this.#autopilot.tick(view);
    this.#recorder.tick({ at, status: this.#statusAt(at, states), advisory, thresholds });
  }

  /** What was measured just now stays so when somebody sets the clock. */
  #now(): number {
    const { at, setByMs } = this.#clock.look();
    if (setByMs === 0) return at;
    this.#metrics.shift(setByMs);
    this.#observed.advisory.shift(setByMs);
    const by = `${setByMs > 0 ? '+' : ''}${(setByMs / 1_000).toFixed(0)}`;
    this.#observed.timeline.add(ownEvent(`the clock was set by ${by} s`));
    return at;
  }
}

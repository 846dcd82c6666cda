import { notReady, refused } from '../../protocol/errors.ts';
import { isCommand, type Placement, spoken } from '../../protocol/topology.ts';
import { instant } from '../../protocol/units.ts';
import type { Note } from '../../protocol/worker/process-note.ts';
import { markOf } from '../../sdk/channel/marks.ts';
import { containmentOf } from '../process/containment.ts';
import { reasonFromLog } from '../process/launch.ts';
import { adopted } from '../process/running.ts';
import { Strays } from '../process/strays.ts';
import { WorkerProcess } from '../process/worker-process.ts';
import type { WorkerWatcher } from '../process/worker-watcher.ts';
import { memberSpec } from './member-spec.ts';
import type { Site } from './site.ts';
import { StartQueue, startPlaces } from './start-queue.ts';
import { filesOf, type IngressMember, ingressGroup, ingressSpec } from './worker-spec.ts';

type Member = {
  readonly id: string;
  readonly group: string;
  readonly services: readonly string[];
};

const adoptNote = (worker: WorkerProcess, note: Note, { runDir }: Site): void =>
  worker.adopt({
    rpcPath: note.rpcPath,
    httpPath: note.httpPath,
    ...(note.port === undefined ? {} : { port: note.port }),
    startedAt: instant(note.startedAt),
    restarts: note.restarts,
    files: filesOf(runDir, note),
    running: adopted(note, endOf(note)),
  });

/** What is to be done when an adopted process has ended, which then answers why it did. */
const endOf = (note: Note): (() => Promise<string>) => {
  const reasonOf = reasonFromLog(note.logFile);
  return async () => {
    await containmentOf(markOf(note)).end();
    return reasonOf();
  };
};

/** The process that owns the ports, taken over when one of this run lives. */
export const startIngress = (
  { site, watcher, ...member }: IngressMember & { site: Site; watcher: WorkerWatcher },
  note: Note | undefined,
): WorkerProcess => {
  const ingress = new WorkerProcess(ingressSpec(site, member), watcher);
  if (note === undefined) ingress.start();
  else adoptNote(ingress, note, site);
  return ingress;
};

export const isIngress = ({ group }: Pick<Note, 'group'>): boolean => group === ingressGroup;

/** All workers of a run, and the moves between layouts: the new one first, then away with the old. */
export class Crew {
  readonly #site: Site;
  readonly #watcher: WorkerWatcher;
  readonly #workers = new Map<string, WorkerProcess>();
  /** The ports that each can accept on: all that its services have, of an earlier version. */
  readonly #doors = new WeakMap<WorkerProcess, readonly number[]>();
  readonly #waiting = new Set<() => void>();
  /** Group → the end of what is being done to it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly strays = new Strays();
  readonly starts: StartQueue<WorkerProcess>;
  #isClosed = false;

  constructor(site: Site, watcher: WorkerWatcher) {
    this.#site = site;
    this.#watcher = watcher;
    this.starts = new StartQueue({ places: startPlaces(site.config.budget.cores) });
  }

  get workers(): readonly WorkerProcess[] {
    return [...this.#workers.values()];
  }

  get(id: string): WorkerProcess | undefined {
    return this.#workers.get(id);
  }

  of(group: string): readonly WorkerProcess[] {
    return this.workers.filter((worker) => worker.group === group);
  }

  /** It has changed: looks whether anybody waited for that, and whether it may start. */
  changed(worker: WorkerProcess): void {
    for (const check of [...this.#waiting]) check();
    if (worker.status === 'waiting') this.#queue(worker);
    else if (worker.status !== 'starting') this.starts.leave(worker);
  }

  /** Resolves as soon as the condition holds, or when the time is over. */
  until(holds: () => boolean, limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = (): void => {
        if (holds()) done();
      };
      const timer = limitMs === undefined ? undefined : setTimeout(done, limitMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** All that clients see of an app is behind the ingress, which waits for nobody. */
  #queue(worker: WorkerProcess): void {
    if (isIngress(worker)) worker.proceed();
    else this.starts.ask(worker, () => worker.proceed());
  }

  hire(group: string, services: readonly string[]): WorkerProcess {
    if (this.#isClosed) throw refused('The app is stopping', 'Start it again with `forge start`.');
    const worker = this.#employ({ id: this.#freeId(group), group, services });
    this.#doors.set(worker, this.#doorsOf(services));
    worker.start();
    return worker;
  }

  /** Takes over a worker that an earlier supervisor started. */
  adopt(note: Note): void {
    const { workerId: id, group, services } = note;
    const worker = this.#employ({ id, group, services });
    if (note.doors !== undefined) this.#doors.set(worker, note.doors);
    adoptNote(worker, note, this.#site);
  }

  /** Its workers were started before one of their services had the port that it has now. */
  lacksDoor({ group, services }: Placement): boolean {
    return this.of(group).some((worker) => !this.#canAccept(worker, services));
  }

  #canAccept(worker: WorkerProcess, services: readonly string[]): boolean {
    if (this.#isMute(worker)) return false;
    const wanted = this.#doorsOf(services);
    const doors = this.#doors.get(worker) ?? wanted;
    return wanted.every((port) => doors.includes(port));
  }

  /** A command that was started without a port, and has one now. */
  #isMute({ services, pid, port }: WorkerProcess): boolean {
    const config = this.#site.config.services.find(({ name }) => services.includes(name));
    const isWanted = config !== undefined && isCommand(config) && config.port !== undefined;
    return isWanted && pid > 0 && port === undefined;
  }

  #doorsOf(services: readonly string[]): readonly number[] {
    return this.#site.ports.doorsOf(services).map(({ port }) => port);
  }

  async dismiss(worker: WorkerProcess): Promise<void> {
    worker.stop();
    await this.until(() => worker.status === 'stopped');
    this.#workers.delete(worker.id);
  }

  /** One thing after the other is done to a group: two at once would each count the other's workers. */
  inTurn<T>(group: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(group) ?? Promise.resolve()).then(work, work);
    this.#turns.set(
      group,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** A new one first, then the old one goes: drained, or killed when it does not listen any more. */
  replace(worker: WorkerProcess, end: 'drain' | 'kill'): Promise<void> {
    const { group, services } = worker;
    return this.inTurn(group, async () => {
      // Whoever had the turn before may have sent it away.
      if (this.get(worker.id) !== worker || isLeaving(worker)) return;
      await this.join({ group, services });
      if (end === 'kill') worker.kill();
      await this.dismiss(worker);
    });
  }

  /** Makes a group what the placement says; throws when a new worker does not become ready. */
  converge(target: Placement): Promise<void> {
    return this.inTurn(target.group, () => this.#converge(target));
  }

  /** Makes a group what the placement says, and leaves those that are not like it where they are. */
  add(target: Placement): Promise<void> {
    return this.inTurn(target.group, async () => {
      const current = this.of(target.group).filter((worker) => this.#fits(worker, target));
      for (let count = current.length; count < target.workers; count += 1) await this.join(target);
    });
  }

  /** As many as the placement says, whether or not they come up at once. */
  fill({ group, services, workers }: Placement): Promise<void> {
    return this.inTurn(group, async () => {
      if (this.#isClosed) return;
      const present = this.of(group).filter((worker) => !isLeaving(worker)).length;
      for (let count = present; count < workers; count += 1) this.hire(group, services);
    });
  }

  async #converge(target: Placement): Promise<void> {
    const has = (worker: WorkerProcess): boolean => this.#fits(worker, target);
    const old = this.of(target.group).filter((worker) => !has(worker));
    const current = this.of(target.group).filter(has);
    const missing = target.workers - current.length;
    const successors = Math.max(0, Math.min(missing, old.length));
    for (const worker of old.slice(0, successors)) {
      await this.join(target);
      await this.dismiss(worker);
    }
    const joins = Array.from({ length: missing - successors }, () => this.join(target));
    const failure = (await Promise.allSettled(joins)).find(({ status }) => status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
    const surplus = [...old.slice(successors), ...current.slice(target.workers)];
    await Promise.all(surplus.map((worker) => this.dismiss(worker)));
  }

  #fits(worker: WorkerProcess, { services }: Placement): boolean {
    return (
      sameNames(worker.services, services) &&
      this.#canAccept(worker, services) &&
      !isLeaving(worker)
    );
  }

  /** Stops everything, one level of groups after the other. */
  async close(order: readonly (readonly string[])[]): Promise<void> {
    this.#isClosed = true;
    const unstarted = this.workers.filter(({ status }) => status === 'waiting');
    await Promise.all(unstarted.map((worker) => this.dismiss(worker)));
    for (const groups of order) {
      const members = this.workers.filter(({ group }) => groups.includes(group));
      await Promise.all(members.map((worker) => this.dismiss(worker)));
    }
    await Promise.all(this.workers.map((worker) => this.dismiss(worker)));
  }

  /** One more worker; throws when it does not become ready, and has taken it away again. */
  async join(target: Omit<Placement, 'workers'>): Promise<WorkerProcess> {
    const worker = this.hire(target.group, target.services);
    worker.isOnTrial = true;
    await this.until(() => worker.hasTripped);
    try {
      this.checkStart(worker);
      worker.isOnTrial = false;
      return worker;
    } catch (error) {
      await this.dismiss(worker);
      throw error;
    }
  }

  /** Throws when a worker did not get through its first start. */
  checkStart(worker: WorkerProcess): void {
    const problem = this.#problemOf(worker);
    if (problem !== undefined) throw notReady(spoken(worker.id), problem);
  }

  /** A service that fails in the old workers as well is not the new worker's fault. */
  #problemOf(worker: WorkerProcess): string | undefined {
    if (worker.status !== 'ready') return worker.lastCrash ?? 'it was stopped';
    const others = this.workers.filter((other) => other !== worker);
    const fresh = [...worker.failures].find(
      ([service]) => !others.some(({ failures }) => failures.has(service)),
    );
    return fresh === undefined ? undefined : `${fresh[0]} failed: ${fresh[1]}`;
  }

  #employ(member: Member): WorkerProcess {
    const { config } = this.#site;
    const services = config.services.filter(({ name }) => member.services.includes(name));
    const worker = new WorkerProcess(
      memberSpec(this.#site, { ...member, services }),
      this.#watcher,
    );
    this.#workers.set(worker.id, worker);
    return worker;
  }

  #freeId(group: string): string {
    let number = 1;
    while (this.#workers.has(`${group}#${number}`)) number += 1;
    return `${group}#${number}`;
  }
}

/** It is given up, or on its way out: an earlier supervisor may have sent it away. */
const isLeaving = ({ status }: WorkerProcess): boolean =>
  ['draining', 'stopping', 'stopped', 'failed'].includes(status);

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

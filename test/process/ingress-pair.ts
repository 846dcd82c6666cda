import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasEntry } from '../../src/protocol/topology.ts';
import { seconds } from '../../src/protocol/units.ts';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';
import { siteOf } from '../../src/supervisor/crew/site.ts';
import { ingressSpec, workerSpec } from '../../src/supervisor/crew/worker-spec.ts';
import { Channel } from '../../src/supervisor/process/channel.ts';
import { policyFor } from '../../src/supervisor/process/policy.ts';
import { WorkerProcess } from '../../src/supervisor/process/worker-process.ts';
import type { WorkerWatcher } from '../../src/supervisor/process/worker-watcher.ts';
import { Registry } from '../../src/supervisor/registry/registry.ts';
import { openRun } from '../../src/supervisor/succession/run.ts';
import { builtFiles, trafficFolder } from './ingress-app.ts';

export type IngressPair = AsyncDisposable & {
  readonly origin: string;
  /** Starts one more ingress on the same descriptor, and resolves when it serves. */
  readonly addIngress: () => Promise<WorkerProcess>;
  /** Drains it and resolves when its process is gone. */
  readonly remove: (ingress: WorkerProcess) => Promise<void>;
};

/** Workers and ingresses without an engine, so that ingresses can come and go. */
export const startIngressPair = async (): Promise<IngressPair> => {
  const folder = trafficFolder({ target: { entry: './services/target.mjs' } });
  const config = parseConfig(folder.config, {
    file: 'forge.config.mjs',
    directory: folder.directory,
    budget: { cores: 2 },
    exists: existsSync,
  });
  const run = await openRun({
    config: { ...config, httpPort: 0 },
    directory: join(folder.directory, 'run'),
  });
  const site = siteOf(config, run, builtFiles);
  const workers: WorkerProcess[] = [];
  const ingresses: WorkerProcess[] = [];
  const waiting = new Set<() => void>();
  const registry = new Registry({
    workers: () => workers,
    listeners: () => ingresses,
    groupOf: () => workers[0]?.group,
    stopped: () => ({}),
    config: () => ({ services: [], remotes: [] }),
  });
  const watcher: WorkerWatcher = {
    changed: () => {
      registry.changed();
      for (const check of waiting) check();
    },
    bound: (worker) => {
      registry.changed();
      registry.tell(worker);
      worker.begin();
    },
    held: () => undefined,
    routed: () => registry.taken(),
    sampled: () => undefined,
    crashed: () => undefined,
    denied: () => undefined,
    overdue: () => undefined,
    asked: () => undefined,
    observed: () => undefined,
  };
  const channel = await Channel.listen(runFiles.channel(site.runDir), (hello, link) => {
    const worker = [...workers, ...ingresses].find(({ pid }) => pid === hello.pid);
    return worker?.admit(hello, link);
  });
  const reaches = (worker: WorkerProcess, status: WorkerProcess['status']): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (worker.status !== status) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const start = async (list: WorkerProcess[], worker: WorkerProcess): Promise<WorkerProcess> => {
    list.push(worker);
    worker.start();
    worker.proceed();
    await reaches(worker, 'ready');
    return worker;
  };
  const stop = async (worker: WorkerProcess): Promise<void> => {
    worker.stop();
    await reaches(worker, 'stopped');
  };
  const spec = { id: 'target#1', group: 'target', services: config.services.filter(hasEntry) };
  await start(workers, new WorkerProcess(workerSpec(site, spec), watcher));
  return {
    origin: `http://127.0.0.1:${run.ports.numbers.http}`,
    addIngress: () => {
      const limits = { start: seconds(30), stop: seconds(3) };
      const member = { id: 'ingress#1', listens: () => undefined };
      const spec = { ...ingressSpec(site, member), policy: policyFor(limits) };
      return start(ingresses, new WorkerProcess(spec, watcher));
    },
    remove: async (ingress) => {
      await stop(ingress);
      ingresses.splice(ingresses.indexOf(ingress), 1);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(ingresses.map(stop));
      await Promise.all(workers.map(stop));
      registry.close();
      await channel[Symbol.asyncDispose]();
      run.end();
      run.leave();
      folder.remove();
    },
  };
};

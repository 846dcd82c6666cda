import { percent } from '../protocol/units.ts';
import { mean } from './history/window.ts';
import type { ServiceView, View } from './view.ts';

/** More workers of one service than this are not told apart. */
export const reportsKept = 64;

/**
 * The view with what workers reported in place of what it says of their CPU. They report in turn,
 * so the last ones, as many as there are workers, are one of each.
 */
export const withReported = (
  view: View,
  reported: ReadonlyMap<string, readonly number[]>,
): View => ({
  ...view,
  services: view.services.map((service) => {
    const cpus = (reported.get(service.service) ?? []).slice(-Math.max(1, service.workers));
    return cpus.length === 0 ? service : withCpus(service, cpus);
  }),
});

const withCpus = (service: ServiceView, cpus: readonly number[]): ServiceView => ({
  ...service,
  cpuPerWorker: percent(mean(cpus)),
  busyPerWorker: cpus.toSorted((a, b) => b - a).map(percent),
});

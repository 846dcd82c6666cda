import type { Setup } from '../setup.ts';
import type { Policy } from './policy.ts';

/** Knative's pod autoscaler with its defaults, but a target that suits one event loop. */
const everySeconds = 2;
const stableSeconds = 60;
const panicSeconds = 6;
const panicFrom = 2;
const downDelaySeconds = 60;
const slowestDown = 2;
const targetUtilization = 0.7;

/** Requests in flight at a worker that is busy for the wanted part of its time. */
const targetOf = ({ cpuMs, ioMs }: Setup): number => (targetUtilization * (cpuMs + ioMs)) / cpuMs;

export const kpa = (setup: Setup): Policy => {
  const target = targetOf(setup);
  const inFlight: number[] = [];
  const wanted: number[] = [];
  const panic = panicMode();
  const over = (seconds: number): number => {
    const window = inFlight.slice(-seconds);
    return window.reduce((sum, each) => sum + each, 0) / Math.max(1, window.length) / target;
  };
  return {
    decide: ({ view, second, ordered }) => {
      inFlight.push(view.services[0]?.pending ?? 0);
      if (inFlight.length > stableSeconds) inFlight.shift();
      if (second % everySeconds !== 0) return undefined;
      const ready = Math.max(1, view.services[0]?.workers ?? 1);
      const stable = Math.max(Math.ceil(over(stableSeconds)), Math.floor(ready / slowestDown));
      const now = Math.max(1, stable, panic(second, Math.ceil(over(panicSeconds)), ready));
      wanted.push(now);
      if (wanted.length > downDelaySeconds / everySeconds) wanted.shift();
      return now > ordered ? now : Math.min(ordered, Math.max(...wanted));
    },
  };
};

/** In panic it never becomes fewer; 0 when there is none. */
const panicMode = (): ((second: number, needed: number, ready: number) => number) => {
  let until = -1;
  let most = 0;
  return (second, needed, ready) => {
    if (needed / ready >= panicFrom) until = second + stableSeconds;
    most = second < until ? Math.max(most, needed, ready) : 0;
    return most;
  };
};

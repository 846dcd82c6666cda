import type { ServiceHistory } from '../../protocol/control/messages.ts';

const seconds = 60;

type Point = { readonly busy: number; readonly p99Ms: number };

/** The last minute of each service, one point a second. */
export class Sparklines {
  readonly #all = new Map<string, { readonly cpu: number[]; readonly p99: number[] }>();

  of(service: string): ServiceHistory {
    return this.#all.get(service) ?? { cpu: [], p99: [] };
  }

  add(service: string, { busy, p99Ms }: Point): void {
    const { cpu, p99 } = this.#all.get(service) ?? { cpu: [], p99: [] };
    this.#all.set(service, { cpu, p99 });
    cpu.push(Math.round(busy));
    p99.push(Math.round(p99Ms * 10) / 10);
    for (const series of [cpu, p99]) if (series.length > seconds) series.shift();
  }
}

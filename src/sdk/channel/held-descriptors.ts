import { closeSync } from 'node:fs';
import { firstDescriptor } from '../../protocol/worker/succession.ts';

/** The listening descriptors that this process holds for the next supervisor, by their ports. */
export class HeldDescriptors {
  readonly #held: Map<number, number>;

  /** In the order in which it has inherited them. */
  constructor(ports: readonly number[]) {
    this.#held = new Map(ports.map((port, at) => [port, firstDescriptor + at]));
  }

  get ports(): readonly number[] {
    return [...this.#held.keys()];
  }

  /** Of those of these ports that it holds. */
  of(ports: readonly number[]): readonly number[] {
    return ports.flatMap((port) => this.#held.get(port) ?? []);
  }

  /** Closes all others: a port is open as long as anybody holds it. */
  keep(ports: readonly number[]): void {
    for (const [port, descriptor] of this.#held) {
      if (ports.includes(port)) continue;
      this.#held.delete(port);
      closeSync(descriptor);
    }
  }
}

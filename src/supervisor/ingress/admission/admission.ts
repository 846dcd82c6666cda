import type { AdmissionSettings } from '../../../protocol/http.ts';
import { type Entry, Gate, type Leave } from './gate.ts';

/** Refuses requests before a service becomes slow, the less important ones first. */
export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #gates = new Map<string, Gate>();

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
  }

  /** Does the work when the service has room for it; `work` says when that is free again. */
  async pass<T>(service: string, entry: Entry, work: (leave: Leave) => Promise<T>): Promise<T> {
    if (!this.#settings.enabled) return work(nothing);
    const leave = onlyOnce(await this.#gateOf(service).enter(entry));
    try {
      return await work(leave);
    } finally {
      leave(false);
    }
  }

  #gateOf(service: string): Gate {
    const known = this.#gates.get(service);
    if (known !== undefined) return known;
    const gate = new Gate(service, this.#settings.tolerance);
    this.#gates.set(service, gate);
    return gate;
  }
}

const nothing: Leave = () => undefined;

const onlyOnce = (leave: Leave): Leave => {
  let isOver = false;
  return (isTypical) => {
    if (!isOver) leave(isTypical);
    isOver = true;
  };
};

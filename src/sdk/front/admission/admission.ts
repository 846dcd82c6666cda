import type { AdmissionSettings } from '../../../protocol/http.ts';
import { Gate } from './gate.ts';

/** Refuses requests before a service becomes slow, the less important ones first. */
export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #gates = new Map<string, Gate>();

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
  }

  /** What leads to this service; undefined when everything is let through. */
  gateOf(service: string): Gate | undefined {
    if (!this.#settings.enabled) return undefined;
    const known = this.#gates.get(service);
    if (known !== undefined) return known;
    const gate = new Gate(service, this.#settings.tolerance);
    this.#gates.set(service, gate);
    return gate;
  }
}

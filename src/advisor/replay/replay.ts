import type { Recommendation } from '../../protocol/advice.ts';
import type { Instant } from '../../protocol/units.ts';
import { putAway } from '../advice/put-away.ts';
import { type Advised, actionDone, actionFailed, advise } from '../advisor.ts';
import { initialMemory, type Memory } from '../memory/memory.ts';
import { decodeMemory } from '../memory/persist.ts';
import { shiftMemory } from '../memory/shift.ts';
import { type AdvisorSettings, defaultSettings } from '../settings.ts';
import type { View } from '../view.ts';
import type { AdvisorInput } from './input.ts';

/** Advice as it was when it was first given, and how long it stood. */
export type Case = {
  readonly from: Instant;
  /** Absent while it stands. */
  readonly to?: Instant;
  readonly recommendation: Recommendation;
};

/** Decides again what was decided: given the same, it says the same. */
export class Replay {
  #memory: Memory | undefined;
  #settings: AdvisorSettings = defaultSettings;
  readonly #open = new Map<string, Case>();
  readonly #closed: Case[] = [];

  /** In the order of their beginning. */
  get cases(): readonly Case[] {
    return [...this.#closed, ...this.#open.values()].toSorted((a, b) => a.from - b.from);
  }

  push(input: AdvisorInput): Advised | undefined {
    switch (input.type) {
      case 'memory':
        if (this.#memory === undefined || !input.isNote) this.#begin(input.text, input.at);
        return undefined;
      case 'settings':
        this.#settings = input.settings;
        return undefined;
      case 'done':
        this.#memory = actionDone(this.#known, input.done);
        return undefined;
      case 'failed':
        this.#memory = actionFailed(this.#known, input.done);
        return undefined;
      case 'dismissed':
        this.#memory = putAway(this.#known, input.id, input);
        return undefined;
      case 'shifted':
        this.#memory = shiftMemory(this.#known, input.byMs);
        return undefined;
      case 'view':
        return this.#look(input.view);
    }
  }

  get #known(): Memory {
    return this.#memory ?? initialMemory;
  }

  #begin(text: string, at: Instant): void {
    this.#memory = decodeMemory(text);
    this.#follow(
      this.#memory.open.map(({ recommendation }) => recommendation),
      at,
    );
  }

  #look(view: View): Advised {
    const advised = advise(this.#known, view, this.#settings);
    this.#memory = advised.memory;
    this.#follow(advised.recommendations, view.at);
    return advised;
  }

  #follow(standing: readonly Recommendation[], at: Instant): void {
    for (const [id, known] of this.#open) {
      if (standing.some((one) => one.id === id)) continue;
      this.#open.delete(id);
      this.#closed.push({ ...known, to: at });
    }
    for (const recommendation of standing) {
      const { id } = recommendation;
      if (!this.#open.has(id)) this.#open.set(id, { from: at, recommendation });
    }
  }
}

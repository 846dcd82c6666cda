import { randomUUID } from 'node:crypto';
import { isToBeTakenBack } from '../../advisor/autopilot/pilot.ts';
import type { View } from '../../advisor/view.ts';
import type { Action, Actor, Verification } from '../../protocol/action.ts';
import type { Recommendation } from '../../protocol/advice.ts';
import { type AutopilotReport, autopilotKinds, mayExecute } from '../../protocol/autopilot.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import { type Acting, accept, undo } from '../actions/acting.ts';

const user = 'autopilot';

export const isAutopilots = ({ by }: Action): boolean => by.user === user;

/** Carries out advice of the kinds that the config names, within bounds, and takes back what did not help. */
export class Autopilot {
  readonly #acting: Acting;
  readonly #onFailure: (service: string, text: string) => void;
  /** Services on which it acts now. */
  readonly #busy = new Set<string>();
  #held: AutopilotReport['held'] = [];

  constructor(acting: Acting, onFailure: (service: string, text: string) => void) {
    this.#acting = acting;
    this.#onFailure = onFailure;
  }

  /** Undefined when everything is left to the operator. */
  report(): AutopilotReport | undefined {
    const { autoExecute } = this.#acting.advisory;
    const kinds = autopilotKinds.filter((kind) => mayExecute(autoExecute, kind));
    return kinds.length === 0 ? undefined : { kinds, held: this.#held };
  }

  /** Once a second, after the advisor. */
  tick(view: View): void {
    const { execute, held } = this.#acting.advisory.pilot(view, this.#busy);
    this.#held = held;
    for (const advice of execute) void this.#follow(advice);
  }

  verified(action: Action, verification: Verification): void {
    if (!isToBeTakenBack(verification)) return;
    if (!isAutopilots(action) || action.undo === undefined) return;
    void this.#do(action.service, async () => {
      const why = `it did not help: ${verification.because ?? ''}`;
      await undo(this.#acting, actor(), { id: action.id, why });
    });
  }

  #follow(advice: Recommendation): Promise<void> {
    return this.#do(advice.service, async () => {
      const id = `auto-${randomUUID().slice(0, 8)}`;
      try {
        await accept(this.#acting, { id, advice }, actor());
      } catch (error) {
        this.#acting.advisory.failed(id, advice);
        throw error;
      }
    });
  }

  async #do(service: string, act: () => Promise<void>): Promise<void> {
    this.#busy.add(service);
    try {
      await act();
    } catch (error) {
      this.#onFailure(service, toErrorData(error).message);
    } finally {
      this.#busy.delete(service);
    }
  }
}

const actor = (): Actor => ({
  uid: process.getuid?.() ?? 0,
  user,
  tty: '',
  origin: 'advisor',
});

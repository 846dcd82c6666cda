import { type Action, subjectOf } from '../../protocol/action.ts';
import type { Errand } from '../keys/key.ts';
import { toLive, withTape } from '../state/replay.ts';
import type { Tape } from '../state/tape.ts';
import type { Planned } from '../state/view.ts';
import type { Link } from './link.ts';
import { readPast } from './past.ts';
import type { Store } from './store.ts';

/** What a supervisor is asked to do, and what is said of how it went. */
export class Errands {
  readonly #store: Store;
  /** What was read last; it is there also when the supervisor is not. */
  #tape: Tape | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Another app has another past. */
  forget(): void {
    this.#tape = undefined;
  }

  async run(link: Link, errand: Errand): Promise<void> {
    switch (errand.type) {
      case 'plan':
        return this.#plan(link, errand);
      case 'explain': {
        const explanation = await link.explain(errand.of);
        this.#store.change((state) => ({
          ...state,
          dialog: { type: 'why', explanation, from: 0 },
        }));
        return;
      }
      case 'slowest': {
        const slow = await link.slowest(errand.service);
        this.#store.change((state) => ({ ...state, dialog: { type: 'slow', slow, from: 0 } }));
        return;
      }
      case 'apply':
        return this.#apply(link, errand.items);
      case 'autopilot':
        await link.autopilot(errand.mode);
        this.#store.say(`the autopilot is set to ${errand.mode}`);
        return;
      case 'dismiss':
        await link.dismiss(errand.given);
        this.#store.say(`${errand.given.isSnoozed ? 'snoozed' : 'dismissed'}: ${errand.given.why}`);
        return;
      case 'undo': {
        this.#store.say(`undone: ${deedOf(await link.undo(errand.action))}`);
        return;
      }
      case 'rewind':
        return this.#rewind(link);
    }
  }

  async #plan(link: Link, { targets, isDry }: Extract<Errand, { type: 'plan' }>): Promise<void> {
    const items: Planned[] = [];
    for (const target of targets) {
      const plan = await link.plan(target);
      items.push('request' in target ? { plan } : { plan, recommendation: target.recommendation });
    }
    this.#store.change((state) =>
      // Meanwhile the screen may have gone to the past, where nothing can be done.
      state.replay === undefined
        ? { ...state, dialog: { type: 'plan', items, apply: false, ...(isDry && { isDry }) } }
        : state,
    );
  }

  /** One after the other; the first that fails ends it, and is told. */
  async #apply(link: Link, items: readonly Planned[]): Promise<void> {
    const broken = await this.#takeUp(link, items);
    for (const [index, item] of items.entries()) {
      const deed = deedOf(await link.apply(item));
      const count = items.length === 1 ? '' : `${index + 1} of ${items.length} `;
      const measured = item.recommendation === undefined ? '' : '; its effect is being measured';
      const config = broken === undefined ? '' : `, with the config that runs: ${broken}`;
      this.#store.say(`${count}done: ${deed}${measured}${config}`);
    }
  }

  /** New workers of a service have what its config says now, as those of `forge reload` do. */
  async #takeUp(link: Link, items: readonly Planned[]): Promise<string | undefined> {
    const requests = items.map(({ plan }) => plan.request);
    for (const kind of ['reload', 'restart'] as const) {
      const services = requests
        .filter((one) => one.kind === kind && !('worker' in one))
        .map(({ service }) => service);
      if (services.length > 0) return link.takeUp(kind, services);
    }
    return undefined;
  }

  /** The past, or what was read of it before when no supervisor answers now. */
  async #rewind(link: Link): Promise<void> {
    try {
      this.#tape = await readPast(link, this.#store.state());
    } catch (error) {
      if (this.#tape === undefined) {
        this.#store.change(toLive);
        throw error;
      }
      this.#store.say('this was read before the supervisor was lost');
    }
    const tape = this.#tape;
    this.#store.change((state) => withTape(state, tape));
  }
}

/** To how many workers it led, when it is about how many there are. */
const deedOf = (action: Action): string => {
  const { kind, to, worker } = action;
  const isCounted = worker === undefined && kind !== 'stop' && kind !== 'start';
  return `${kind} ${subjectOf(action)}${isCounted ? ` to ${to.workers}` : ''}`;
};

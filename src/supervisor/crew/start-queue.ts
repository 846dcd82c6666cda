import { type Millis, seconds } from '../../protocol/units.ts';

/** Whoever uses the machine to come up. */
export type Starter = {
  readonly group: string;
  /** How often it has crashed of late. */
  readonly recentCrashes: number;
};

type Waiting<S> = { readonly starter: S; readonly go: () => void };

type QueueOptions = { readonly places: number; readonly placeForMs?: Millis };

/** So many may come up at once: far more would all be late, each of them waiting for a core. */
export const startPlaces = (cores: number): number => Math.max(16, Math.ceil(cores * 8));

/** Who has not come up by then waits for something other than a core. */
const placeForMs = seconds(10);

/**
 * Who goes first: of the group that has the fewest under way, so that one that crashes in all its
 * workers holds up nobody else; then who crashed least; then who came first.
 */
export const firstOf = <S extends Starter>(
  waiting: readonly Waiting<S>[],
  underWay: readonly Starter[],
): Waiting<S> | undefined => {
  const busy = new Map<string, number>();
  for (const { group } of underWay) busy.set(group, (busy.get(group) ?? 0) + 1);
  const share = ({ starter }: Waiting<S>): number => busy.get(starter.group) ?? 0;
  const isBefore = (a: Waiting<S>, b: Waiting<S>): boolean =>
    share(a) === share(b) ? a.starter.recentCrashes < b.starter.recentCrashes : share(a) < share(b);
  const [head, ...others] = waiting;
  if (head === undefined) return undefined;
  return others.reduce((first, other) => (isBefore(other, first) ? other : first), head);
};

/** Lets a bounded number of workers come up at a time. Who waits for others to start has no place. */
export class StartQueue<S extends Starter> {
  readonly #places: number;
  readonly #placeForMs: Millis;
  readonly #underWay = new Map<S, NodeJS.Timeout>();
  readonly #waiting = new Map<S, Waiting<S>>();

  constructor(options: QueueOptions) {
    this.#places = options.places;
    this.#placeForMs = options.placeForMs ?? placeForMs;
  }

  /** Calls `go` as soon as there is a place for it, and gives up the one that it had before. */
  ask(starter: S, go: () => void): void {
    this.leave(starter);
    this.#waiting.set(starter, { starter, go });
    this.#fill();
  }

  /** It has come up, or does not want to any more. */
  leave(starter: S): void {
    clearTimeout(this.#underWay.get(starter));
    this.#waiting.delete(starter);
    if (this.#underWay.delete(starter)) this.#fill();
  }

  #fill(): void {
    while (this.#underWay.size < this.#places) {
      const first = firstOf([...this.#waiting.values()], [...this.#underWay.keys()]);
      if (first === undefined) return;
      const { starter, go } = first;
      this.#waiting.delete(starter);
      this.#underWay.set(starter, setTimeout(() => this.leave(starter), this.#placeForMs).unref());
      go();
    }
  }
}

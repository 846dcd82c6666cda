import type { Random } from '../random.ts';
import type { Routing } from './app.ts';
import type { Group } from './group.ts';
import type { Worker } from './worker.ts';

type By = { readonly routing: Routing; readonly hotShare: number; readonly random: Random };

/** The worker that gets a request. */
export const route = (group: Group, { routing, hotShare, random }: By): Worker => {
  const { ready } = group;
  const [first] = ready.length > 0 ? ready : group.workers;
  if (first === undefined) throw new Error(`${group.name} has no worker`);
  if (ready.length < 2 || (hotShare > 0 && random.next() < hotShare)) return first;
  return routing === 'p2c' ? lesserOfTwo(ready, first, random) : leastOf(ready, first, random);
};

const lesserOfTwo = (ready: readonly Worker[], first: Worker, random: Random): Worker => {
  const one = random.index(ready.length);
  const other = (one + 1 + random.index(ready.length - 1)) % ready.length;
  const a = ready[one] ?? first;
  const b = ready[other] ?? first;
  return b.pending < a.pending ? b : a;
};

/** From a random one on, so that equals share. */
const leastOf = (ready: readonly Worker[], first: Worker, random: Random): Worker => {
  const start = random.index(ready.length);
  let best = ready[start] ?? first;
  for (let offset = 1; offset < ready.length; offset += 1) {
    const each = ready[(start + offset) % ready.length] ?? first;
    if (each.pending < best.pending) best = each;
  }
  return best;
};

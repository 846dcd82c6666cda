export type PhaseName = 'calm' | 'rush' | 'noisy' | 'slow' | 'full' | 'night';

export type Phase = { readonly name: PhaseName; readonly seconds: number };

/** Requests a second of each kind, and how long the payment provider takes. */
export type Rates = {
  readonly orders: number;
  readonly pages: number;
  readonly searches: number;
  readonly thumbnails: number;
  readonly providerMs: number;
};

const names: readonly PhaseName[] = ['calm', 'rush', 'noisy', 'slow', 'full', 'night'];

/** `calm:10,rush:40`: phases and their seconds. */
export const parsePhases = (text: string): readonly Phase[] =>
  text.split(',').map((part) => {
    const [name, seconds] = part.split(':');
    const known = names.find((each) => each === name);
    if (known === undefined || !(Number(seconds) > 0)) {
      throw new Error(`${part} is no phase; write ${names.join(', ')} with seconds, as in calm:10`);
    }
    return { name: known, seconds: Number(seconds) };
  });

/** In the rush orders ask for a little more than one busy core does: what else an order costs, and
 * that a core is slower when the other one is busy, comes on top of its computation. When it is
 * full they ask for nearly two, which is all that a machine with two cores has. */
export const ratesOf = (phase: PhaseName, orderMs: number): Rates => {
  const calm = { orders: 5, pages: 10, searches: 5, thumbnails: 0, providerMs: 15 };
  switch (phase) {
    case 'calm':
      return calm;
    case 'rush':
      return { ...calm, orders: 900 / orderMs };
    case 'noisy':
      return { ...calm, pages: 20, thumbnails: 3 };
    case 'slow':
      return { ...calm, orders: 15, providerMs: 700 };
    case 'full':
      return { ...calm, orders: 1_700 / orderMs };
    case 'night':
      return { orders: 0.5, pages: 1, searches: 0.5, thumbnails: 0, providerMs: 15 };
  }
};

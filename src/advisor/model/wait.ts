/** More terms than these are less than a thousandth. */
const terms = 10;

/**
 * Mean wait at a utilisation, in units of the time one request needs, when each request goes to the
 * less loaded of two of very many workers: a share of ρ^(2^k − 1) of them has k requests or more.
 */
const amongMany = (utilisation: number): number => {
  // Each power is the square of the one before, times the utilisation once more.
  let power = utilisation;
  let inWorker = 0;
  for (let k = 1; k <= terms; k += 1) {
    inWorker += power;
    power = power * power * utilisation;
  }
  return inWorker / utilisation - 1;
};

/**
 * Mean wait in units of the time one request needs; infinite when the load does not fit. One worker
 * is the textbook's M/M/1. With more of them the choice between two is worth the more.
 */
export const waitFactor = (workers: number, load: number): number => {
  if (load <= 0) return 0;
  const utilisation = load / workers;
  if (utilisation >= 1) return Number.POSITIVE_INFINITY;
  const alone = utilisation / (1 - utilisation);
  const chosen = amongMany(utilisation);
  return chosen + Math.max(0, alone - chosen) / workers ** 1.8;
};

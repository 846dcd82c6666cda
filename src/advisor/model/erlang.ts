/** Probability that all `workers` are busy when requests that find them so are turned away. */
export const erlangB = (workers: number, load: number): number => {
  let blocked = 1;
  for (let k = 1; k <= workers; k += 1) blocked = (load * blocked) / (k + load * blocked);
  return blocked;
};

/** Probability that a request must wait, `load` being the cores that the requests need. */
export const erlangC = (workers: number, load: number): number => {
  if (load <= 0) return 0;
  if (load >= workers) return 1;
  const blocked = erlangB(workers, load);
  return (workers * blocked) / (workers - load * (1 - blocked));
};

/** Mean wait in units of the time one request needs; infinite when the load does not fit. */
export const waitFactor = (workers: number, load: number): number =>
  load >= workers ? Number.POSITIVE_INFINITY : erlangC(workers, load) / (workers - load);

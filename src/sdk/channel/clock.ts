/** Tells the processes of a run what to add to the clock that they share. */
export const clockVariable = 'FORGE_CLOCK';

/** Milliseconds since the machine was started: one clock for all its processes, which nobody sets. */
const sinceBoot = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The moment of the epoch when that clock stood at zero, as the first process of the run saw it. */
export const clockOrigin = (): number => {
  const given = Number(process.env[clockVariable]);
  return Number.isFinite(given) && given > 0 ? given : Date.now() - sinceBoot();
};

/** What `performance.now()` lacks of milliseconds since the epoch, the same in all processes of a run. */
export const timeOrigin = (clock = clockOrigin()): number =>
  clock + sinceBoot() - performance.now();

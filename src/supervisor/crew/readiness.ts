import type { Engine } from '../engine.ts';

/** Resolves when every service is ready or failed, and every port that one asked for is open. */
export const readiness = (engine: Engine): Promise<void> => {
  const opened: Promise<void>[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    engine.on('asked', (command, port) => {
      const opening = engine.front.openPort(command, port);
      opening.catch(reject);
      opened.push(opening);
    });
    engine
      .settled()
      .then(() => Promise.all(opened))
      .then(() => resolve(), reject);
  });
  // It is waited for a little later.
  ready.catch(() => undefined);
  return ready;
};

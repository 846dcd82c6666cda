import type { Engine } from '../../src/supervisor/engine.ts';

/** Resolves when it holds; looks at each change of the engine. */
export const untilIn =
  (engine: Engine) =>
  (holds: () => boolean): Promise<void> =>
    new Promise((done) => {
      const check = (): void => {
        if (!holds()) return;
        engine.off('change', check);
        done();
      };
      engine.on('change', check);
      check();
    });

import { expect, test } from 'vitest';
import { killSupervisorAfter } from './orphan-trial.ts';

test.for([120, 350, 700, 1_500])(
  'a supervisor that is killed %i ms after its start leaves nothing behind',
  async (killedAfterMs) => {
    expect(await killSupervisorAfter(killedAfterMs)).toEqual({
      killedAfterMs,
      processes: [],
      files: [],
    });
  },
);

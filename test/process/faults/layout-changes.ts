import { type Fault, free } from './fault.ts';

/** What operators do all day: it is no fault, and costs nothing either. */
const changes: readonly Fault[] = [
  free('L1', 'scale up and down', async (app) => {
    await app.apply({ kind: 'scale', service: 'target', workers: 4 });
    await app.apply({ kind: 'scale', service: 'target', workers: 2 });
  }),
  free('L2', 'rolling reload', async (app) => {
    await app.apply({ kind: 'reload', service: 'target' });
    await app.whole();
  }),
  free('L3', 'colocate and split', async (app) => {
    await app.apply({ kind: 'colocate', service: 'target', with: ['front'] });
    await app.apply({ kind: 'split', service: 'target' });
    await app.apply({ kind: 'scale', service: 'target', workers: 2 });
    await app.whole();
  }),
  free('L4', 'reload, and roll back', async (app) => {
    await app.apply({ kind: 'reload', service: 'target' });
    await app.apply({ kind: 'rollback', service: 'target' });
    await app.whole();
  }),
  free('L5', 'restart', async (app) => {
    await app.apply({ kind: 'restart', service: 'target' });
    await app.whole();
  }),
];

const atPort = (fault: Fault): Fault => ({
  ...fault,
  id: `${fault.id}P`,
  fault: `${fault.fault}, at the port of the service`,
  atPort: true,
});

export const layoutChanges: readonly Fault[] = [
  ...changes,
  ...changes.filter(({ id }) => ['L1', 'L2', 'L5'].includes(id)).map(atPort),
];

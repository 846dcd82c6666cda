import { runMoleculer } from '../moleculer.mjs';

await runMoleculer({});

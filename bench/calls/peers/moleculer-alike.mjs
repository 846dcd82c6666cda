import { runMoleculer } from '../moleculer.mjs';

/** What each of our calls has without being asked. */
await runMoleculer({ metrics: true, requestTimeout: 10_000, contextParamsCloning: true });

/** Of this run's property tests; `FORGE_TEST_SEED` repeats a run. */
export const seed = Number(process.env['FORGE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

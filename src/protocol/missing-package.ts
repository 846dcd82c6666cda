/** What Node and esbuild say of a package that is not there; a file has a path. */
const missing = /Cannot find (?:package|module) '[^./]|Could not resolve "[^./]/;

/** The remedy for a package that was not installed, else another. */
export const orInstall = (problem: string, remedy: string): string =>
  missing.test(problem)
    ? 'Run `npm install` in the folder of its package.json, and add the package if it is not named there.'
    : remedy;

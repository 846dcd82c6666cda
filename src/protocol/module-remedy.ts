/** What Node and esbuild say of a module that cannot be loaded, and what mends that. */
const remedies: readonly (readonly [problem: RegExp, remedy: string])[] = [
  [
    // A file has a path, a package has a name.
    /Cannot find (?:package|module) '[^./]|Could not resolve "[^./]/,
    'Run `npm install` in the folder of its package.json, and add the package if it is not named there.',
  ],
  [
    /Cannot find module '[./]/,
    'Correct the path: an import names its file with the extension, as `./users.ts`.',
  ],
  [
    /Cannot use import statement outside a module|Unexpected token 'export'/,
    'Write "type": "module" into the package.json next to it or above, or end its name with .mjs or .mts.',
  ],
  [
    /(?:require|module|exports) is not defined in ES module scope/,
    'Use `import` and `export`, or end its name with .cjs.',
  ],
  [/has no default export/, 'Write `export default defineServices({ … });`.'],
  [
    /does not provide an export named/,
    'Correct the name; what is only a type is imported with `import type`.',
  ],
];

/** The remedy for what keeps a module from being loaded, else another. */
export const moduleRemedy = (problem: string, otherwise: string): string =>
  remedies.find(([each]) => each.test(problem))?.[1] ?? otherwise;

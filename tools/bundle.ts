/**
 * Makes `dist`: one file for each program and package entry, and what they share. A process that
 * reads one file instead of three hundred starts sooner and keeps less of their text in memory.
 */
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');
const target = join(root, 'dist');
/**
 * Started by their path, or imported by a package's name. Each of these sets shares parts of its
 * own: the more entries share, the more and smaller the parts, and a worker that reads ten fewer of
 * them starts a fifth sooner.
 */
const sets = [
  ['sdk/{,control/,testing/}index.ts', 'sdk/worker/main.ts'],
  ['sdk/worker/watchdog-thread.ts'],
  ['sdk/openapi/main.ts'],
  ['supervisor/ingress/main.ts'],
  ['cli/main.ts', 'advisor/index.ts', 'supervisor/{succession/main,config/config-child}.ts'],
];
/**
 * Valibot, as most of it is not needed: whole, its text alone takes half a megabyte of each process.
 * The others are in every worker, and are 40 files to be found and read.
 */
const inlined = ['valibot', 'find-my-way', 'msgpackr'];
/**
 * Without its native part: from within a bundle it is not found, and to look for it takes each worker
 * 3 ms of CPU, measured. Calls are not faster with it.
 */
const plainMsgpackr = fileURLToPath(new URL('index.js', import.meta.resolve('msgpackr')));
const place = 'place:';

/** What a module finds beside itself stays beside it, whichever file it ends up in. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (path.includes('node_modules') || !text.includes('import.meta.url')) return undefined;
      const own = JSON.stringify(`${place}${relative(source, path).replace(/tsx?$/, 'js')}`);
      const contents = text.replaceAll('import.meta.url', `new URL(${own}, import.meta.url).href`);
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/**
 * In strings they are escaped already: these are of comments and patterns. With one of them, V8 keeps
 * two bytes for every character of the file.
 */
const beyondLatin1 = /[^\0-\xff]/g;
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

const placed = (text: string, file: string): string =>
  text
    .replaceAll(beyondLatin1, escaped)
    .replaceAll(
      new RegExp(`"${place}([^"]+)"`, 'g'),
      (_match, own: string) => `"./${relative(dirname(file), join(target, own))}"`,
    );

const common = {
  absWorkingDir: root,
  outbase: source,
  outdir: target,
  bundle: true,
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  sourcesContent: false,
  write: false,
} as const satisfies BuildOptions;

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

const outcomes = await Promise.all([
  ...sets.map((entries) =>
    build({
      ...common,
      entryPoints: globSync(entries, { cwd: source }).map((file) => join(source, file)),
      format: 'esm',
      splitting: true,
      chunkNames: 'parts/[name]-[hash]',
      jsx: 'automatic',
      // What is inlined of CommonJS asks for Node's own modules in this way.
      banner: {
        js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
      },
      external: Object.keys(dependencies)
        .filter((name) => !inlined.includes(name))
        .flatMap((name) => [name, `${name}/*`]),
      alias: { msgpackr: plainMsgpackr },
      plugins: [keepPlaces],
    }),
  ),
  // Runs before everything else in a server of any kind.
  build({
    ...common,
    entryPoints: [join(source, 'sdk/guest/preload.cts')],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }),
]);

rmSync(target, { recursive: true, force: true });
for (const { path, text } of outcomes.flatMap(({ outputFiles }) => outputFiles)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, placed(text, path));
}
chmodSync(join(target, 'cli/main.js'), 0o755);

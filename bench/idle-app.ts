import { startApp } from '../test/helpers/forge.ts';
import { writeApp } from '../test/helpers/written-app.ts';

export type IdleApp = AsyncDisposable & {
  /** Of the supervisor. */
  readonly pid: number;
  /** Until all workers were ready. */
  readonly startSeconds: number;
};

export type IdleSize = {
  readonly services: number;
  /** Of each service. */
  readonly workers: number;
  /** How many of the others each service may call. */
  readonly connects?: number;
};

/** Services that do nothing, behind an ingress that nobody asks. */
export const startIdleApp = async (size: IdleSize): Promise<IdleApp> => {
  await using opened = new AsyncDisposableStack();
  const config = { app: 'idle', services: servicesOf(size) };
  const files = opened.use(writeApp({ 'forge.config.json': JSON.stringify(config) }));
  const begun = performance.now();
  const { pid } = opened.use(await startApp(files.directory));
  const startSeconds = (performance.now() - begun) / 1_000;
  const all = opened.move();
  return { pid, startSeconds, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

const servicesOf = ({ services: count, workers, connects = 0 }: IdleSize): object => {
  const nameOf = (index: number): string => `idle${index % count}`;
  const serviceAt = (index: number): object => ({
    entry: './services/quiet.mjs',
    workers,
    connects: Array.from({ length: connects }, (_, next) => nameOf(index + 1 + next)),
  });
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [nameOf(index), serviceAt(index)]),
  );
};

import type { ServiceClass } from '../contract.ts';
import type { Service } from '../service.ts';
import { type Emitted, startApp } from './app.ts';

export type ServiceUnderTest<S> = AsyncDisposable & {
  readonly service: S;
  /** What the service emitted, in order. */
  readonly emitted: readonly Emitted[];
};

/** Runs one service inside a test, with fakes in place of those it connects to. */
export const startService = async <S extends Service>(
  type: new () => S,
  fakes: Readonly<Record<string, object>> = {},
): Promise<ServiceUnderTest<S>> => {
  const name = type.name.toLowerCase();
  // What a class of `Service` declares beside its methods is checked when it starts.
  const app = await startApp({ ...fakes, [name]: type as unknown as ServiceClass });
  return {
    service: app.service<S>(name),
    emitted: app.emitted,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
};

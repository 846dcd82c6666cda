import type { ServiceClass } from './contract.ts';
import { contractOf } from './contract.ts';
import { type Service, wire } from './service.ts';

export type Fakes = Readonly<Record<string, object>>;

export type ServiceUnderTest<S> = AsyncDisposable & {
  readonly service: S;
  /** What the service emitted, in order. */
  readonly emitted: readonly { readonly event: string; readonly payload: unknown }[];
};

/** Runs a service inside a test, with fakes in place of the services it connects to. */
export const startService = async <S extends Service>(
  type: new () => S,
  fakes: Fakes = {},
): Promise<ServiceUnderTest<S>> => {
  const name = type.name.toLowerCase();
  // Checks the contract as the worker would; a subclass of Service is all that it reads.
  contractOf(name, type as unknown as ServiceClass);
  const service = new type();
  const emitted: { event: string; payload: unknown }[] = [];
  const emit = (event: string, payload: unknown): void => void emitted.push({ event, payload });
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const router = {
    get: ignore,
    post: ignore,
    put: ignore,
    patch: ignore,
    delete: ignore,
    upgrade: ignore,
  };
  const leaving = new AbortController();
  wire(service, {
    ctx: {
      name,
      workerId: 'test',
      request: undefined,
      env: process.env,
      log,
      router,
      draining: leaving.signal,
      emit,
      on: ignore,
    },
    bus: { send: ignore, request: async () => undefined, broadcast: ignore, emit },
    proxies: { ...fakes },
  });
  await service.onStart(service.ctx);
  return {
    service,
    emitted,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await service.onStop('test');
    },
  };
};

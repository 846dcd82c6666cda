import type { CallPolicy } from '../../protocol/call-policy.ts';
import type { Contract } from '../../protocol/contract.ts';
import { nameTaken } from '../../protocol/start-errors.ts';
import type { Context, Log, Router } from '../context.ts';
import { contractOf, methodSchemas, type ServiceClass } from '../contract.ts';
import { type Written, writtenInterceptors } from '../interceptors/written.ts';
import { requestContext } from '../request-context.ts';
import { wire } from '../service.ts';
import { carrying } from './carry.ts';
import { Hosted } from './hosted.ts';
import type { RawRoutes } from './raw-routes.ts';
import type { Switchboard } from './switchboard.ts';

export type Lodging = {
  readonly name: string;
  readonly type: ServiceClass;
  readonly connects: readonly string[];
  /** Of the config, which wins over the contract. */
  readonly calls?: Readonly<Record<string, CallPolicy>>;
  /** Module with interceptors, as the config names it. */
  readonly interceptors?: string;
  /** Outside of all others. */
  readonly around?: Written;
};

export type House = {
  readonly workerId: string;
  readonly hosted: Map<string, Hosted>;
  readonly switchboard: Pick<Switchboard, 'busOf' | 'proxy'>;
  readonly draining: AbortSignal;
  readonly logOf: (service: string) => Log;
  readonly routerFor: (service: string) => Router;
};

/** Makes a service of this process: its instance, context, proxies and what stands round its calls. */
export const host = async (lodging: Lodging, house: House): Promise<Hosted> => {
  const { name, type, connects } = lodging;
  const { switchboard } = house;
  const log = house.logOf(name);
  const hosted = new Hosted({
    name,
    log,
    contract: withPolicies(contractOf(name, type), lodging.calls),
    service: new type(),
    schemas: methodSchemas(type),
    interceptors: joined(
      lodging.around,
      await writtenInterceptors(name, type, lodging.interceptors),
    ),
  });
  checkNames(hosted, connects);
  house.hosted.set(name, hosted);
  const bus = switchboard.busOf(hosted, connects);
  const proxies = Object.fromEntries(connects.map((to) => [to, switchboard.proxy(hosted, to)]));
  const ctx: Context = {
    name,
    workerId: house.workerId,
    get request() {
      return requestContext.getStore();
    },
    ...carrying(hosted),
    env: process.env,
    log,
    router: house.routerFor(name),
    draining: house.draining,
    emit: bus.emit,
    on: (event, handler, options) =>
      hosted.subscriptions.add(event, ({ args }) => handler(args[0]), options),
  };
  wire(hosted.service, { ctx, bus, proxies });
  return hosted;
};

/** A field that is only declared, to give it a type, is undefined. */
const checkNames = ({ name, service }: Hosted, connects: readonly string[]): void => {
  const own = service as unknown as Readonly<Record<string, unknown>>;
  const taken = connects.find((to) => to === 'ctx' || own[to] !== undefined);
  if (taken !== undefined) throw nameTaken(name, taken);
};

const joined = (around: Written | undefined, written: Written): Written => ({
  server: [...(around?.server ?? []), ...written.server],
  client: [...(around?.client ?? []), ...written.client],
});

const withPolicies = (contract: Contract, calls: Lodging['calls']): Contract => {
  if (calls === undefined) return contract;
  const merged = { ...contract.calls };
  for (const [method, policy] of Object.entries(calls)) {
    merged[method] = { ...merged[method], ...policy };
  }
  return { ...contract, calls: merged };
};

/** With what `onStart` added: raw routes and subscriptions. */
export const contractsOf = (
  hosted: Iterable<Hosted>,
  rawRoutes: RawRoutes,
): Readonly<Record<string, Contract>> =>
  Object.fromEntries(
    [...hosted].map(({ name, contract, subscriptions }) => [
      name,
      {
        ...contract,
        ...subscriptions.toContract(),
        routes: [...contract.routes, ...rawRoutes.entriesOf(name)],
      },
    ]),
  );

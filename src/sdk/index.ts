export type { CallInput } from '../protocol/call-policy.ts';
export type { Auth } from '../protocol/rpc/carried.ts';
export type { CallOptions } from './call-options.ts';
export type {
  Context,
  CurrentRequest,
  Log,
  Luggage,
  Params,
  RawHandler,
  Router,
  UpgradeHandler,
  UpgradeOptions,
  UpgradeRequest,
} from './context.ts';
export type {
  ContractInput,
  ExposeOptions,
  MethodOptions,
  RouteInput,
  SubscribeOptions,
} from './contract-input.ts';
export { Emit, Expose, On, Route } from './decorators.ts';
export {
  type AppInput,
  type ConfigInput,
  defineConfig,
  defineServices,
  type ServiceInput,
} from './define.ts';
export { httpError } from './http-error.ts';
export type { InterceptedCall, Interceptor, Interceptors } from './interceptors/interceptor.ts';
export { type Client, type Health, Service, type WorkerAnswer } from './service.ts';

export type { Identity } from '../front/auth/tokens.ts';
export {
  type AppOptions,
  type AppUnderTest,
  type Emitted,
  startApp,
  type TestService,
  type TestServices,
} from './app.ts';
export type { Fault } from './faults.ts';
export type { Answer, HttpOptions } from './front.ts';
export { type ServiceUnderTest, startService } from './service.ts';

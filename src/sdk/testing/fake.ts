import type { ServiceClass } from '../contract.ts';
import { Service } from '../service.ts';

/** Functions that stand in for the methods of a service. */
export type Fake = object;

/** A service whose methods are those of a plain object; it is called over the same path as a real one. */
export const fakeService = (fake: Fake): ServiceClass => {
  const methods = methodsOf(fake);
  class FakeService extends Service {
    static readonly contract = { expose: methods };
  }
  for (const name of methods) {
    const value = (...args: readonly unknown[]): unknown =>
      (fake as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>)[name]?.(
        ...args,
      );
    Object.defineProperty(FakeService.prototype, name, { value });
  }
  return FakeService;
};

/** Its own, and those of its class. */
const methodsOf = (fake: Fake): readonly string[] => {
  const names = new Set<string>();
  for (
    let each: object | null = fake;
    each !== null && each !== Object.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  const isMethod = (name: string): boolean =>
    name !== 'constructor' &&
    typeof (fake as Readonly<Record<string, unknown>>)[name] === 'function';
  return [...names].filter(isMethod);
};

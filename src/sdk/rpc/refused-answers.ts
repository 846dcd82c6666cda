import type { Contract } from '../../protocol/contract.ts';
import { toErrorData } from '../../protocol/forge-error.ts';
import type { Log } from '../context.ts';
import { type OutboundCall, targetOf } from './calls.ts';
import { Throttle } from './throttle.ts';

/**
 * Says which answers were not given out, and why: whoever asked gets an error that says less. What
 * the answer holds is nobody's business here.
 */
export class RefusedAnswers {
  readonly #log: Log;
  readonly #throttle = new Throttle();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Of a route as it is declared, or of a method; with a reason where the error's own may quote. */
  note(target: string, error: unknown, reason?: string): void {
    const { code, message, remedy } = toErrorData(error);
    const unsaid = this.#throttle.say(`${target} ${code}`);
    if (unsaid === undefined) return;
    this.#log.error(`The answer of ${target} is refused`, {
      route: target,
      code,
      reason: reason ?? message,
      remedy: code === 'INTERNAL' ? plainData : remedy,
      ...(unsaid === 0 ? {} : { unsaid }),
    });
  }
}

/** As its contract has it, where that is known: a route, or a method. */
export const answeredBy = (
  { kind, service, method }: Pick<OutboundCall, 'kind' | 'service' | 'method'>,
  contract: Pick<Contract, 'routes'> | undefined,
): string => {
  const routes = kind === 'route' ? (contract?.routes ?? []) : [];
  const route = routes.find(({ handler }) => handler === method);
  return route === undefined ? targetOf({ service, method }) : `${route.method} ${route.path}`;
};

const plainData = 'Answer with plain data that holds itself nowhere.';

import { failedPerSecond } from '../signals/errors.ts';
import type { Situation } from '../situation.ts';
import type { ServiceView } from '../view.ts';
import { mayBlame } from './circle.ts';
import { calleeShare } from './delegate.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';

/**
 * Requests that fail while the service is neither full nor slow fail by themselves, or where a
 * service does that it calls: then the case is that one's. More workers would fail as well. Does not
 * say why they fail: the log does.
 */
export const investigateErrors: Rule = (situation) => {
  const { service, evidence, slow } = situation;
  if (slow || isFull(situation)) return undefined;
  const errors = evidence.find(({ signal }) => signal === 'errorPercent');
  if (errors === undefined) return undefined;
  const callee = failingCallee(situation);
  if (callee !== undefined) {
    return { action: 'investigate', because: `its requests fail where ${callee} does` };
  }
  const { service: name } = service;
  return investigate(name, {
    about: 'errors',
    reason: `${pressureOf(situation)}, and no service that it calls explains that`,
    strength: 0.9,
    details: {
      errorPercent: round(errors.value, 1),
      failedPerSecond: round(failedPerSecond(service), 1),
    },
    steps: [
      `Look at what it wrote: \`forge logs ${name}\``,
      `If it began with a release, take that back: \`forge rollback ${name}\``,
      'Else look at the databases and hosts that it depends on',
    ],
  });
};

/** Also when it has not been so for long: what fails in a full loop comes too late. */
const isFull = ({ hot, history, thresholds }: Situation): boolean =>
  hot || (history.points.at(-1)?.busy ?? 0) >= thresholds.cpu.critical;

/** The one with most errors of those whose errors, or whose absence, explain enough of its own. */
const failingCallee = ({ service, services }: Situation): string | undefined => {
  const failed = failedPerSecond(service);
  const explains = (callee: ServiceView): boolean =>
    callee.workers === 0 || failedPerSecond(callee) >= failed * calleeShare;
  return Object.keys(service.split.downstreamMs)
    .flatMap((name) => services.get(name) ?? [])
    .filter(explains)
    .filter(mayBlame(service, services, failedPerSecond))
    .toSorted((a, b) => failedPerSecond(b) - failedPerSecond(a))
    .at(0)?.service;
};

import { failedPerSecond } from '../signals/errors.ts';
import type { Situation } from '../situation.ts';
import type { ServiceView } from '../view.ts';
import { whoAnswersFor } from './answer-for.ts';
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
  const of = callee && whoAnswersFor(callee, situation);
  if (of !== undefined) {
    const see = of === callee ? '' : `, see ${of}`;
    return { action: 'investigate', because: `its requests fail where ${callee} does${see}`, of };
  }
  const { service: name } = service;
  return investigate(name, {
    about: 'errors',
    reason: `${pressureOf(situation)}, and ${causeOf(callee, situation)}`,
    strength: 0.9,
    details: {
      errorPercent: round(errors.value, 1),
      failedPerSecond: round(failedPerSecond(service), 1),
    },
    steps: [
      `Look at what it wrote: \`forge logs ${callee ?? name}\``,
      `If it began with a release, take that back: \`forge rollback ${name}\``,
      'Else look at the databases and hosts that it depends on',
    ],
  });
};

/** A callee that answers for it has a case of its own. */
const causeOf = (callee: string | undefined, { services }: Situation): string => {
  if (callee === undefined) return 'no service that it calls explains that';
  return services.get(callee)?.workers === 0
    ? `${callee}, which it calls, has no worker that is ready`
    : `${callee}, which it calls, fails as often, and is within its own lines`;
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

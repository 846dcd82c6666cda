import type { ActionRequest, Plan } from '../../protocol/action.ts';
import { type Placement, spoken } from '../../protocol/topology.ts';
import { guardsOf, type Known } from './guards.ts';
import type { Move } from './moves.ts';

/** The command that asks for the same. */
export const commandOf = (request: ActionRequest): string => {
  switch (request.kind) {
    case 'scale':
      return `forge scale ${request.service} ${request.workers}`;
    case 'split':
      return `forge split ${request.service}`;
    case 'colocate':
      return `forge colocate ${[request.service, ...request.with].join(' ')}`;
    case 'restart': {
      const { service, worker } = request;
      return `forge restart ${service}${worker === undefined ? '' : ` --worker ${spoken(worker)}`}`;
    }
    case 'reload':
    case 'rollback':
    case 'stop':
    case 'start':
      return `forge ${request.kind} ${request.service}`;
  }
};

const placing: readonly ActionRequest['kind'][] = ['scale', 'split', 'colocate'];

/** What an operator reads before saying yes. */
export const toPlan = (
  request: ActionRequest,
  move: Move,
  { placements, known }: { readonly placements: readonly Placement[]; readonly known: Known },
): Plan => ({
  request,
  title: titleOf(request, move),
  steps: [...stepsOf(request, move, placements), ...(move.consequences ?? [])],
  ...(placing.includes(request.kind) && { guards: guardsOf(request, move, known) }),
  undo: wayBack(move),
  command: commandOf(request),
});

const wayBack = ({ inverse }: Move): string => {
  if (inverse === undefined) return 'not with one command';
  return inverse.layout === undefined ? commandOf(inverse) : 'forge undo';
};

const stepsOf = (
  request: ActionRequest,
  { steps, to }: Move,
  placements: readonly Placement[],
): readonly string[] => {
  const { kind } = request;
  const one = `Start a new worker of ${spoken(to.group)}, wait until ready, route to it`;
  if (kind === 'restart') {
    return request.worker === undefined
      ? [one, 'Drain and stop an old one', 'The same for each worker']
      : [one, `Drain and stop ${spoken(request.worker)}`];
  }
  if (kind === 'reload') {
    return [
      one,
      'Take an old one out of routing, and keep it at hand',
      'The same for each worker',
      'Watch errors, P99 and crashes; when they are worse, go back to the old ones at once',
      'Else drain and stop the old ones',
    ];
  }
  if (kind === 'rollback') return ['Route to the old workers again', 'Drain and stop the new ones'];
  return steps.flatMap((step) =>
    stepsFor(
      step,
      placements.find(({ group }) => group === step.group),
    ),
  );
};

const titleOf = (request: ActionRequest, { from, to }: Move): string => {
  const group = spoken(to.group);
  switch (request.kind) {
    case 'scale':
      return `Scale ${request.service} from ${from.workers} to ${workers(to.workers)}`;
    case 'split':
      return `Split ${request.service} out of ${spoken(from.group)} into ${workers(to.workers)} of its own`;
    case 'colocate':
      return `Place ${request.service} with ${request.with.join(', ')} in ${group}`;
    case 'reload':
      return `Reload ${group}: ${workers(to.workers)} with the code and config on disk`;
    case 'restart':
      return request.worker === undefined
        ? `Restart ${workers(to.workers)} of ${group}`
        : `Restart ${spoken(request.worker)}, one of ${workers(to.workers)}`;
    case 'stop':
      return `Stop ${request.service}`;
    case 'start':
      return `Start ${request.service} again, in ${workers(to.workers)} of ${group}`;
    case 'rollback':
      return `Roll ${group} back to the workers from before its reload`;
  }
};

const stepsFor = (to: Placement, from: Placement | undefined): readonly string[] => {
  const names = to.services.join(', ');
  const group = spoken(to.group);
  if (from === undefined) {
    return [
      `Start ${workers(to.workers)} for ${names} and wait until ready`,
      `Route ${names} there`,
    ];
  }
  if (to.workers === 0) return [`Drain and stop ${workers(from.workers)} of ${group}`];
  if (names !== from.services.join(', ')) {
    return [`Replace ${workers(to.workers)} of ${group} by ones with ${names}, new ones first`];
  }
  const difference = to.workers - from.workers;
  if (difference === 0) return [`Nothing: ${group} has ${workers(to.workers)} already`];
  return difference > 0
    ? [`Start ${workers(difference)} of ${group} and wait until ready`, 'Route to them']
    : [`Route around ${workers(-difference)} of ${group}`, 'Drain and stop them'];
};

const workers = (count: number): string => `${count} worker${count === 1 ? '' : 's'}`;

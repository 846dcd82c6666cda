import type { ActionRequest, Layout } from '../../protocol/action.ts';
import { serviceStopped } from '../../protocol/call-errors.ts';
import { refused, unknownService } from '../../protocol/errors.ts';
import {
  isCommand,
  isIsolated,
  isolatedGroup,
  type Placement,
  type ServiceConfig,
} from '../../protocol/topology.ts';
import { demandOf, workerBounds } from '../topology/demand.ts';
import type { StoppedServices } from '../topology/placement.ts';
import { groupNameFor } from './group-name.ts';

/** What operators ask for, and what only an undo can: the placements that a split or colocate found. */
export type Request = ActionRequest & { readonly layout?: readonly Placement[] };

/** From one layout to another, in steps that each bring one group to a new placement. */
export type Move = {
  readonly from: Layout;
  readonly to: Layout;
  /** The group that grows comes first: what it does not replace is not taken away. */
  readonly steps: readonly Placement[];
  /** Services whose workers come or go. */
  readonly touches: readonly string[];
  /** What else an operator is to know before. */
  readonly consequences?: readonly string[];
  /** The request that brings the old layout back, when one can. */
  readonly inverse?: Request;
};

export type Situation = {
  readonly services: readonly ServiceConfig[];
  readonly placements: readonly Placement[];
  readonly stopped?: StoppedServices;
};

/** The layout after these steps; a group without workers is gone. */
export const withSteps = (
  placements: readonly Placement[],
  steps: readonly Placement[],
): readonly Placement[] => {
  const groups = new Map([...placements, ...steps].map((one) => [one.group, one]));
  return [...groups.values()].filter(({ workers }) => workers > 0);
};

/** The steps that lead back from wherever a failed move got. */
export const stepsBack = (
  placements: readonly Placement[],
  steps: readonly Placement[],
): readonly Placement[] =>
  steps
    .map(({ group }) => placements.find((one) => one.group === group) ?? emptyGroup(group))
    .toReversed();

const emptyGroup = (group: string): Placement => ({ group, services: [], workers: 0 });

export const planMove = (request: Request, situation: Situation): Move => {
  const { layout } = request;
  if (layout !== undefined) return planReturn({ ...request, layout }, situation);
  switch (request.kind) {
    case 'scale':
      return planScale(request.service, request.workers, situation);
    case 'split':
      return planSplit(request.service, situation);
    case 'colocate':
      return planColocate(request.service, request.with, situation);
    case 'reload':
    case 'restart':
    case 'rollback':
      return planRenewal(request.service, situation);
    case 'stop':
      return planStop(request.service, situation);
    case 'start':
      return planStart(request.service, situation);
  }
};

/** The same layout with other processes; `name` is a service or a group. */
const planRenewal = (name: string, situation: Situation): Move => {
  const { placements } = situation;
  const placement = placements.find(({ group }) => group === name) ?? placementOf(name, situation);
  return { ...outline(placement, placement), steps: [], touches: placement.services };
};

/** `name` is a service or a group; a service brings its whole group along. */
const planScale = (name: string, workers: number, situation: Situation): Move => {
  const { placements, services } = situation;
  const placement = placements.find(({ group }) => group === name) ?? placementOf(name, situation);
  checkBounds(configsOf(placement.services, services), workers);
  const target = { ...placement, workers };
  return {
    ...outline(placement, target),
    steps: [target],
    touches: placement.services,
    ...(workers === placement.workers
      ? {}
      : { inverse: { kind: 'scale', service: name, workers: placement.workers } }),
  };
};

/** All that share workers have as many: the narrowest of them limits the others. */
const checkBounds = (members: readonly ServiceConfig[], workers: number): void => {
  const { min, max } = workerBounds(members);
  if (Number.isInteger(workers) && workers >= min && workers <= max) return;
  const names = members.map(({ name }) => name);
  const who = names.length === 1 ? names[0] : `${names.join(' and ')}, which are scaled together,`;
  const narrow = members.find((one) =>
    workers > max ? one.workers.max === max : one.workers.min === min,
  );
  throw refused(
    `${who} may have ${min} to ${max} workers, not ${workers}`,
    `Name a number from ${min} to ${max}, or change workers of ${narrow?.name ?? names[0]} in the config.`,
  );
};

/** Those that share its workers go on in new ones without it. */
const planStop = (service: string, situation: Situation): Move => {
  const placement = placementOf(service, situation);
  const target = without(placement, [service]);
  const callers = situation.services
    .filter(({ connects, dependsOn }) => [...connects, ...dependsOn].includes(service))
    .map(({ name }) => name);
  return {
    ...outline(placement, target),
    steps: [target],
    touches: placement.services,
    consequences: [
      `Until it is started again, requests for ${service} are answered 503 at once`,
      ...(callers.length === 0 ? [] : [`Calls of it fail in ${callers.join(', ')}`]),
    ],
    inverse: { kind: 'start', service },
  };
};

const planStart = (service: string, situation: Situation): Move => {
  const { placements, stopped = {}, services } = situation;
  const place = stopped[service];
  if (place === undefined) throw refused(`${service} is not stopped`, 'See `forge status`.');
  const { group, workers } = place;
  const home = placements.find((placement) => placement.group === group);
  const members = [...(home?.services ?? []), service];
  checkEnvironment(members, situation);
  const target = {
    group,
    services: services.map(({ name }) => name).filter((name) => members.includes(name)),
    workers: home?.workers ?? workers,
  };
  return {
    ...outline(home ?? emptyGroup(group), target),
    steps: [target],
    touches: members,
    inverse: { kind: 'stop', service },
  };
};

const planSplit = (service: string, situation: Situation): Move => {
  const old = placementOf(service, situation);
  const rest = old.services.filter((name) => name !== service);
  const [companion] = rest;
  if (companion === undefined) {
    throw refused(`${service} has its workers to itself already`, 'See `forge status`.');
  }
  const workers = workersAlone(service, old, situation);
  const isolated = { group: isolatedGroup(service), services: [service], workers };
  const remaining = { ...old, services: rest };
  return {
    ...outline(old, isolated),
    steps: [isolated, remaining],
    touches: old.services,
    inverse: { kind: 'colocate', service, with: rest, layout: [old] },
  };
};

/**
 * As many as its config says. Where somebody has changed the number of the group, nobody knows for whose
 * load: then each of the two keeps it.
 */
const workersAlone = (service: string, old: Placement, { services }: Situation): number => {
  const alone = demandOf(service, configsOf([service], services));
  const together = demandOf(old.group, configsOf(old.services, services));
  if (old.workers === together.least) return alone.least;
  return Math.min(alone.most, Math.max(alone.least, old.workers));
};

const planColocate = (service: string, others: readonly string[], situation: Situation): Move => {
  const [first] = others.filter((name) => name !== service);
  if (first === undefined) throw refused(`${service} has no company given`, 'Name two services.');
  const members = [...new Set([service, ...others])];
  const sources = [...new Set(members.map((name) => placementOf(name, situation)))];
  if (sources.length === 1) {
    throw refused(`${members.join(' and ')} share their workers already`, 'See `forge status`.');
  }
  const home = placementOf(first, situation);
  checkCompany(members, situation);
  checkEnvironment([...home.services, ...members], situation);
  const target: Placement = {
    group: isIsolated(home.group) ? groupNameFor(members, situation) : home.group,
    services: [...new Set([...home.services, ...members])],
    workers: Math.max(...sources.map(({ workers }) => workers)),
  };
  const left = sources
    .filter(({ group }) => group !== target.group)
    .map((one) => without(one, target.services));
  const origin = placementOf(service, situation);
  return {
    ...outline(origin, target),
    steps: [target, ...left],
    touches: sources.flatMap((one) => one.services),
    inverse: { kind: 'split', service, layout: sources },
  };
};

/** Back to a layout that was, as far as nothing but numbers of workers has changed since. */
const planReturn = (
  { service, layout }: Request & { readonly layout: readonly Placement[] },
  situation: Situation,
): Move => {
  const members = layout.flatMap(({ services }) => services);
  const held = [...new Set(members.map((name) => placementOf(name, situation)))];
  const strangers = held
    .flatMap(({ services }) => services)
    .filter((name) => !members.includes(name));
  if (strangers.length > 0) {
    throw refused(
      `${strangers.join(', ')} came to share workers with ${service} since`,
      `Take that back first, or name where each is to be with \`forge split\` and \`forge colocate\`.`,
    );
  }
  const most = Math.max(...layout.map(({ workers }) => workers));
  const now = Math.max(...held.map(({ workers }) => workers));
  // What was added for the load since stays.
  const target = now > most ? layout.map((one) => ({ ...one, workers: now })) : layout;
  const left = held
    .filter(({ group }) => !target.some((one) => one.group === group))
    .map((one) => without(one, members));
  const home = target.find(({ services }) => services.includes(service));
  return {
    ...outline(placementOf(service, situation), home ?? emptyGroup(service)),
    steps: [...target, ...left],
    touches: members,
  };
};

const without = (placement: Placement, gone: readonly string[]): Placement => {
  const services = placement.services.filter((name) => !gone.includes(name));
  return { ...placement, services, workers: services.length === 0 ? 0 : placement.workers };
};

const outline = (from: Placement, to: Placement): Pick<Move, 'from' | 'to'> => ({
  from: { group: from.group, workers: from.workers },
  to: { group: to.group, workers: to.workers },
});

const placementOf = (service: string, { placements, stopped }: Situation): Placement => {
  const placement = placements.find(({ services }) => services.includes(service));
  if (placement !== undefined) return placement;
  if (stopped?.[service] !== undefined) throw serviceStopped(service, service);
  throw unknownService(
    service,
    placements.flatMap(({ services }) => services),
  );
};

const configsOf = (
  names: readonly string[],
  services: readonly ServiceConfig[],
): readonly ServiceConfig[] => services.filter(({ name }) => names.includes(name));

const checkCompany = (names: readonly string[], { services }: Situation): void => {
  const command = configsOf(names, services).find(isCommand);
  if (command === undefined) return;
  throw refused(
    `${command.name} is a command, and has its processes to itself`,
    'Name services with an entry only.',
  );
};

const checkEnvironment = (names: readonly string[], { services }: Situation): void => {
  const seen = new Map<string, string>();
  for (const { name, env } of configsOf(names, services)) {
    for (const [variable, value] of Object.entries(env)) {
      if ((seen.get(variable) ?? value) !== value) {
        throw refused(
          `${name} needs another value of ${variable} than its company`,
          'Give both the same env in the config, or leave them apart.',
        );
      }
      seen.set(variable, value);
    }
  }
};

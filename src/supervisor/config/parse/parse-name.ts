import { isIsolated, isolatedGroup, type ServiceConfig } from '../../../protocol/topology.ts';
import type { Place } from './config-place.ts';

const pattern = /^[A-Za-z][\w.-]*$/;
/** Names become parts of the names of files, which may have 255 bytes. */
const longest = 64;
/** Processes of ours that are called so in logs, tables and the control protocol. */
const ours = ['ingress', 'supervisor'];

/** Why a text cannot be the name of a service or of a group, and what to write instead. */
const problemOf = (name: string): readonly [problem: string, fix: string] | undefined => {
  if (!pattern.test(name)) {
    return ['is no name', 'Begin with a letter, and use letters, digits, -, _ and . only.'];
  }
  if (name.length > longest) {
    return [`has ${name.length} letters`, `Use a name of ${longest} letters at most.`];
  }
  if (ours.includes(name)) return [`is the name of the ${name} of the app`, 'Use another name.'];
  // Tables of services are objects, and these would be found in each of them.
  if (name in {}) return ['is a name that every object in JavaScript has', 'Use another name.'];
  return undefined;
};

export const isUsableName = (name: string): boolean => problemOf(name) === undefined;

export const checkServiceName = (name: string, place: Place): void => {
  const wrong = problemOf(name);
  if (wrong !== undefined) throw place.invalid(...wrong);
};

export const parseGroup = (service: string, place: Place): string => {
  const group = place.text("Write a name, such as 'main'.");
  if (group === undefined) return isolatedGroup(service);
  const wrong = problemOf(group);
  if (wrong === undefined) return group;
  const [problem, fix] = wrong;
  throw place.invalid(`is ${JSON.stringify(group)}, which ${problem}`, fix);
};

/** Whoever names such a group could mean the service as well. */
export const checkGroups = (place: Place, services: readonly ServiceConfig[]): void => {
  for (const { name, group } of services) {
    const other = isIsolated(group) ? undefined : services.find((one) => one.name === group);
    if (other === undefined || other.group === group) continue;
    throw place
      .at(name)
      .at('group')
      .invalid(
        `is ${JSON.stringify(group)}, the name of a service that is not in it`,
        `Use another name, or put ${group} into the group.`,
      );
  }
};

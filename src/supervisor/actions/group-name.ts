import type { Placement, ServiceConfig } from '../../protocol/topology.ts';
import { isUsableName } from '../config/parse/parse-name.ts';
import type { StoppedServices } from '../topology/placement.ts';

type Taken = {
  readonly services: readonly ServiceConfig[];
  readonly placements: readonly Placement[];
  readonly stopped?: StoppedServices;
};

/** A name for the group of these services that a config may give it, and that nothing else has. */
export const groupNameFor = (members: readonly string[], taken: Taken): string => {
  const isFree = (name: string): boolean => isUsableName(name) && !isTaken(name, members, taken);
  const joined = members.join('-');
  if (isFree(joined)) return joined;
  const stem = `${members[0]?.slice(0, longestStem)}-group`;
  for (let number = 2, name = stem; ; number += 1) {
    if (isFree(name)) return name;
    name = `${stem}-${number}`;
  }
};

/** Room for what makes it the name of a group, and for a number. */
const longestStem = 50;

const isTaken = (
  name: string,
  members: readonly string[],
  { services, placements, stopped = {} }: Taken,
): boolean =>
  placements.some(({ group }) => group === name) ||
  Object.values(stopped).some(({ group }) => group === name) ||
  services.some((one) => (one.name === name || one.group === name) && !members.includes(one.name));

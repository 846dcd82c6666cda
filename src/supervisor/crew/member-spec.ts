import { hasEntry, isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import { commandSpec } from '../command/command-spec.ts';
import type { WorkerSpec } from '../process/incarnation.ts';
import type { Site } from './site.ts';
import { workerSpec } from './worker-spec.ts';

type Member = {
  readonly id: string;
  readonly group: string;
  readonly services: readonly ServiceConfig[];
};

/** How a member of the crew is started: a worker of ours, or a command, which is always alone. */
export const memberSpec = (site: Site, member: Member): WorkerSpec => {
  const service = member.services.find(isCommand);
  if (service !== undefined) return commandSpec(site, { ...member, service });
  const services = member.services.filter(hasEntry);
  return workerSpec(site, { ...member, services });
};

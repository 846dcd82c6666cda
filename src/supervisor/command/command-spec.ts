import type { CommandService } from '../../protocol/topology.ts';
import { ms } from '../../protocol/units.ts';
import { markOf } from '../../sdk/channel/marks.ts';
import type { Site } from '../crew/site.ts';
import { filesOf, noteOf, sampleEveryMs } from '../crew/worker-spec.ts';
import { spoolIn } from '../logs/names.ts';
import type { Incarnation, WorkerSpec } from '../process/incarnation.ts';
import { workerEnvironment } from '../process/own-environment.ts';
import { type Policy, policyFor } from '../process/policy.ts';
import { Attendant } from './attendant.ts';
import { withGuest } from './guest-environment.ts';

type Member = { readonly id: string; readonly group: string; readonly service: CommandService };

export const commandSpec = (site: Site, { id, group, service }: Member): WorkerSpec => ({
  id,
  group,
  services: [service],
  policy: commandPolicy(service),
  prepare: () => incarnate(site, id, service),
  attend: (process) => new Attendant({ ...process, service, mustAsk: mustAsk(site, service) }),
});

const mustAsk = ({ ports }: Site, { name, port }: CommandService): boolean =>
  port === 'asked' && ports.numbers.commands[name] === undefined;

/** SIGTERM is all that it can be told, once; crashes that each take the whole start limit count. */
const commandPolicy = ({ timeouts: { start, stop } }: CommandService): Policy => {
  const policy = policyFor({ start, stop });
  const periodMs = ms(Math.max(policy.intensity.periodMs, start * (policy.intensity.crashes + 1)));
  return {
    ...policy,
    askedByMs: ms(0),
    intensity: { ...policy.intensity, periodMs },
  };
};

const incarnate = (site: Site, id: string, service: CommandService): Incarnation => {
  const of = { incarnation: `w${site.next()}`, rpcPath: '', httpPath: '' };
  const port = service.port === undefined ? undefined : site.privatePort();
  const logFile = spoolIn(site.config.directory, id);
  const where = { ...of, ...(port === undefined ? {} : { port }) };
  return {
    ...where,
    note: noteOf(site, { ...where, id, services: [service], logFile, isForeign: true }),
    files: filesOf(site.runDir, of),
    launch: {
      program: '/bin/sh',
      // The shell gives its process to the program, so that a signal meets the program itself.
      args: ['-c', `exec ${service.command}`],
      cwd: service.cwd,
      mark: markOf({ runId: site.runId, incarnation: of.incarnation }),
      env: environmentOf(site, service, { id, port }),
      logFile,
      inherit: [],
      oomRank: 'worker',
    },
  };
};

const environmentOf = (
  site: Site,
  service: CommandService,
  { id, port }: { readonly id: string; readonly port: number | undefined },
): Readonly<Record<string, string>> => {
  const own = { ...service.appEnv, ...workerEnvironment(), ...service.env };
  if (port === undefined) return own;
  // A program that is to ask for its own port must not be told one.
  const told = service.port === 'asked' ? {} : { PORT: String(port), HOST: '127.0.0.1' };
  return withGuest(
    { ...own, ...told },
    {
      runId: site.runId,
      workerId: id,
      runDir: site.runDir,
      port,
      orphanGraceMs: site.config.supervisor.orphanGraceMs,
      sampleEveryMs,
    },
  );
};

import type { Status } from '../../protocol/metrics.ts';
import { moduleRemedy } from '../../protocol/module-remedy.ts';
import { type Bytes, formatSize, megabytes } from '../../protocol/units.ts';
import type { Finding } from './finding.ts';

/** What is enough and what is not; pure, whoever has read the figures. */
const mostDriftMs = 50;
const fewestFiles = 4_096;
const fewestWatches = 8_192;
const leastMemory = megabytes(256);
const leastDisk = megabytes(1_024);
const fewestInodes = 10_000;

export const judgeFiles = (limit: number): Finding => ({
  check: 'open files',
  found: `a process may open ${Number.isFinite(limit) ? limit : 'any number'}`,
  ...(limit >= fewestFiles
    ? {}
    : {
        fix: `Each connection needs one: raise the hard limit to ${fewestFiles} or more with \`ulimit -Hn\`, LimitNOFILE= of systemd, or \`--ulimit nofile\` of a container.`,
      }),
});

export type Inotify = {
  readonly watches: number;
  readonly instances: number;
  readonly usedInstances: number;
};

export const judgeInotify = ({ watches, instances, usedInstances }: Inotify): Finding => ({
  check: 'inotify',
  found: `${watches} watches, ${usedInstances} of ${instances} instances in use`,
  ...(watches >= fewestWatches && usedInstances < instances
    ? {}
    : {
        fix: `\`forge dev\` watches files: \`sysctl fs.inotify.max_user_watches=${fewestWatches * 8} fs.inotify.max_user_instances=${Math.max(512, instances * 2)}\`.`,
      }),
});

export type Memory = {
  readonly limitBytes: Bytes;
  readonly availableBytes: Bytes;
  readonly bound: 'machine' | 'cgroup';
};

export const judgeMemory = ({ limitBytes, availableBytes, bound }: Memory): Finding => ({
  check: 'memory',
  found: `${formatSize(availableBytes)} of ${formatSize(limitBytes)} are free, ${bound === 'cgroup' ? 'by the limit of a control group' : 'no control group limits it'}`,
  ...(availableBytes >= leastMemory
    ? {}
    : {
        fix: `A worker takes 64 MB and more: free some, or raise the ${bound === 'cgroup' ? "control group's limit" : "machine's memory"}.`,
      }),
});

/** A service that is started anew is no trouble yet, one that ends again and again is. */
export const judgeServices = (services: Status['services']): readonly Finding[] => {
  const check = 'services';
  const troubled = services.filter(({ status }) => status === 'failed' || status === 'backoff');
  const ready = services.filter(({ status }) => status === 'ready').length;
  return [
    { check, found: `${ready} of ${services.length} are ready` },
    ...troubled.map(({ name, status, reason }) => ({
      check,
      found: `${name} ${status === 'failed' ? 'has failed' : 'waits to be started again'}: ${reason}`,
      fix: moduleRemedy(
        reason ?? '',
        `\`forge logs ${name}\` has what it said; correct it, then \`forge restart ${name}\`.`,
      ),
    })),
  ];
};

export type Clocks = {
  /** How far the wall clock went away from the monotonic one while we looked. */
  readonly driftMs: number;
  /** How far the youngest of our files lies in the future. */
  readonly aheadMs: number;
};

export const judgeClock = ({ driftMs, aheadMs }: Clocks): Finding => {
  const fix =
    'Have one service set the clock, such as chrony or systemd-timesyncd, and let it slew.';
  if (aheadMs > 60_000) {
    const minutes = Math.round(aheadMs / 60_000);
    return { check: 'clock', found: `files of this app are ${minutes} min ahead of it`, fix };
  }
  const found = `the wall clock and the monotonic one went apart by ${Math.abs(driftMs).toFixed(0)} ms`;
  return { check: 'clock', found, ...(Math.abs(driftMs) <= mostDriftMs ? {} : { fix }) };
};

export type Room = { readonly folder: string; readonly freeBytes: Bytes; readonly inodes: number };

export const judgeDisk = ({ folder, freeBytes, inodes }: Room): Finding => ({
  check: 'disk',
  found: `${formatSize(freeBytes)} and ${inodes} files are free for ${folder}`,
  ...(freeBytes >= leastDisk && inodes >= fewestInodes
    ? {}
    : { fix: 'Logs and history are not kept on a full disk: make room, or move the app.' }),
});

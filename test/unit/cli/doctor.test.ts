import { expect, test } from 'vitest';
import { judgeSkew } from '../../../src/cli/doctor/installation.ts';
import {
  judgeClock,
  judgeDisk,
  judgeFiles,
  judgeInotify,
  judgeMemory,
  judgeServices,
} from '../../../src/cli/doctor/judge.ts';
import type { Status } from '../../../src/protocol/metrics.ts';
import { megabytes } from '../../../src/protocol/units.ts';

const inotify = { watches: 100_000, instances: 128, usedInstances: 3 };
const memory = { limitBytes: megabytes(4_096), bound: 'machine' } as const;
const disk = { folder: '/srv/shop', freeBytes: megabytes(50_000), inodes: 1_000_000 };
const own = { root: '/opt/a', version: '1.2.0', writtenAt: 1_000 };
const running = { pid: 7, startedAt: 2_000 };

test.each([
  ['files enough', judgeFiles(1_048_576), undefined],
  ['few files', judgeFiles(1_024), 'LimitNOFILE='],
  ['watches enough', judgeInotify(inotify), undefined],
  ['few watches', judgeInotify({ ...inotify, watches: 1_000 }), 'max_user_watches=65536'],
  ['instances used up', judgeInotify({ ...inotify, usedInstances: 128 }), 'max_user_instances=512'],
  ['memory enough', judgeMemory({ ...memory, availableBytes: megabytes(900) }), undefined],
  ['little memory', judgeMemory({ ...memory, availableBytes: megabytes(90) }), "machine's memory"],
  ['a clock that slews', judgeClock({ driftMs: -3, aheadMs: -500 }), undefined],
  ['a clock that is being set', judgeClock({ driftMs: 400, aheadMs: 0 }), 'chrony'],
  ['a clock that was set back', judgeClock({ driftMs: 0, aheadMs: 7_200_000 }), 'chrony'],
  ['room', judgeDisk(disk), undefined],
  ['a full disk', judgeDisk({ ...disk, freeBytes: megabytes(10) }), 'make room'],
  ['a disk without inodes', judgeDisk({ ...disk, inodes: 12 }), 'make room'],
  ['one version', judgeSkew(own, own, running), undefined],
  ['two versions', judgeSkew(own, { ...own, version: '1.1.0' }, running), 'forge upgrade'],
  ['two copies', judgeSkew(own, { ...own, root: '/opt/b' }, running), 'forge upgrade'],
  ['a replaced copy', judgeSkew(own, { ...own, writtenAt: 3_000 }, running), 'forge upgrade'],
  ['a process of somebody else', judgeSkew(own, undefined, running), undefined],
])('%s', (_name, { fix }, part) => {
  if (part === undefined) expect(fix).toBeUndefined();
  else expect(fix).toContain(part);
});

test.each([
  ['a package that is not there', "exit code 1: Error: Cannot find package 'ws'", 'npm install'],
  ['an error of its own', 'exit code 1: Error: no licence', 'forge logs mail'],
])('of a service that failed by %s it is said what to do', (_name, reason, part) => {
  const mail = { name: 'mail', status: 'failed', reason } as Status['services'][number];
  expect(judgeServices([mail])[1]?.fix).toContain(part);
});

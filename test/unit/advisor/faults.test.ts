import { expect, test } from 'vitest';
import {
  calm,
  lasting,
  lonely,
  longSlices,
  minutes,
  saturated,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';
import {
  begunSaying,
  type Complaint,
  ever,
  firstSaid,
  isSilent,
  logOf,
  naive,
  ours,
} from '../../helpers/watchers.ts';

const main = { group: 'main', arrivalsPerSecond: 3, completionsPerSecond: 3 };
const starvedOrders = saturated('orders', { workers: 2, starvation: 0.3 });
const five = { cpuMs: 5, loopWaitMs: 300, downstreamMs: {}, externalMs: 0 };
/** What a user would say of an advisor; the naive one deserves each of it. */
const complaints: Readonly<Record<string, Complaint>> = {
  'the database is slow, and it says nothing': {
    scenes: [
      calm(serviceView('billing')),
      lasting(60, serviceView('billing', { p99: 720, split: splitOf({ externalMs: 700 }) })),
    ],
    right: (log) => ever(log, 'investigate billing') && !ever(log, 'scale'),
  },
  'I looked forty seconds later, and the advice was gone': {
    scenes: [lasting(180, saturated('orders', { workers: 2 }))],
    perWorker: true,
    right: (log) => {
      const first = log.findIndex((said) => said.some((text) => text.startsWith('scale_up')));
      return (
        first >= 0 &&
        log.slice(first).every((said) => said.some((text) => text.startsWith('scale_up')))
      );
    },
  },
  'two services did nothing for an hour, and nobody told me': {
    scenes: [lasting(minutes(60), lonely('gateway'), lonely('mailer'))],
    right: (log) => ever(log, 'colocate gateway'),
  },
  'it started with more workers for a machine that was full': {
    cores: 2,
    scenes: [
      { ...lasting(1, starvedOrders), cpu: 'unknown' },
      { ...lasting(60, starvedOrders), cpu: 99 },
    ],
    right: (log) => ever(log, 'migrate orders') && !ever(log, 'scale_up'),
  },
  'I needed nine workers, and it wanted three': {
    cores: 16,
    perWorker: true,
    scenes: [
      calm(serviceView('orders', { workers: 2 })),
      lasting(
        40,
        saturated('orders', {
          workers: 2,
          split: five,
          arrivalsPerSecond: 1_440,
          completionsPerSecond: 400,
        }),
      ),
    ],
    right: (log) => firstSaid(log) === 'scale_up orders 9',
  },
  'I needed one worker more, and it wanted eight': {
    cores: 32,
    perWorker: true,
    scenes: [
      lasting(
        40,
        serviceView('orders', { workers: 16, busy: 85, p99: 60, arrivalsPerSecond: 2_720 }),
      ),
    ],
    right: (log) => firstSaid(log) === 'scale_up orders 17',
  },
  'it took half of my workers in the dip of the afternoon': {
    perWorker: true,
    scenes: [
      lasting(minutes(30), serviceView('orders', { workers: 4, busy: 50 })),
      lasting(minutes(32), serviceView('orders', { workers: 4, busy: 15 })),
    ],
    right: (log) => !ever(log, 'scale_down orders 2') && ever(log, 'scale_down orders 3'),
  },
  'two workers are at 100 %, and it says nothing, as the machine has 24 cores': {
    cores: 24,
    scenes: [lasting(60, saturated('orders', { workers: 2 }))],
    right: (log) => ever(log, 'scale_up orders'),
  },
  'it wants to take workers from a service that is saturated': {
    cores: 16,
    scenes: [lasting(minutes(31), saturated('orders', { workers: 3 }))],
    right: (log) => ever(log, 'scale_up orders') && !ever(log, 'scale_down'),
  },
  'it blames the service that waits for a slow one': {
    perWorker: true,
    scenes: [
      calm(serviceView('orders'), serviceView('billing')),
      lasting(
        60,
        serviceView('orders', { p99: 740, split: splitOf({ downstreamMs: { billing: 700 } }) }),
        saturated('billing'),
      ),
    ],
    right: (log) => ever(log, 'scale_up billing') && !ever(log, 'orders'),
  },
  'it doubles the group, and both halves keep the bad neighbour': {
    perWorker: true,
    scenes: [
      lasting(
        60,
        saturated('users', { ...main, colocatedWith: ['thumbs'] }),
        saturated('thumbs', {
          ...main,
          colocatedWith: ['users'],
          slices: { ...longSlices, sumOfSquaresMs2PerSecond: 90_000 },
        }),
      ),
    ],
    right: (log) => ever(log, 'split_out thumbs') && !ever(log, 'scale_up'),
  },
  'a burst of six seconds, and it wants more workers': {
    perWorker: true,
    scenes: [
      lasting(28, serviceView('orders')),
      lasting(6, saturated('orders', { pending: 20 })),
      lasting(4, serviceView('orders', { busy: 60, p99: 600 })),
      lasting(60, serviceView('orders')),
    ],
    right: isSilent,
  },
  'a worker starts, which is work, and it wants another one': {
    perWorker: true,
    scenes: [
      { seconds: 6, services: (at) => [saturated('orders', { youngestMs: at * 1_000 })] },
      lasting(60, serviceView('orders')),
    ],
    right: isSilent,
  },
  'more workers do not help, and it wants ever more': {
    perWorker: true,
    accept: 'orders',
    scenes: [lasting(minutes(25), saturated('orders', { workers: 2 }))],
    right: (log) => begunSaying(log, 'scale_up') === 1 && ever(log, 'investigate orders'),
  },
  'it cries for a report that takes the 150 ms that it always takes': {
    scenes: [lasting(90, serviceView('reports', { p99: 150, split: splitOf({ externalMs: 90 }) }))],
    right: isSilent,
  },
  'it cries for sixty requests that wait for 50 ms each, as they do': {
    scenes: [
      lasting(
        90,
        serviceView('feed', {
          arrivalsPerSecond: 1_000,
          pending: 60,
          p99: 60,
          split: splitOf({ cpuMs: 0.2, externalMs: 50 }),
        }),
      ),
    ],
    right: isSilent,
  },
  'I cannot accept all that it says: there are not so many cores': {
    cores: 10,
    perWorker: true,
    scenes: [
      lasting(
        60,
        ...['a', 'b'].map((name) => saturated(name, { workers: 4, arrivalsPerSecond: 1_100 })),
      ),
    ],
    right: (log) => ever(log, 'scale_up a 5') && !ever(log, '6'),
  },
  'one worker hangs, and the mean hides it': {
    perWorker: true,
    scenes: [
      calm(serviceView('orders', { workers: 4 })),
      lasting(60, serviceView('orders', { workers: 4, busy: [100, 4, 4, 4], p99: 900 })),
    ],
    right: (log) => ever(log, 'investigate orders') && !ever(log, 'scale_down'),
  },
  'it sleeps while a service blocks in synchronous calls at 3 % CPU': {
    perWorker: true,
    scenes: [
      calm(serviceView('orders')),
      lasting(60, { ...saturated('orders', { workers: 2 }), cpuPerWorker: 3 }),
    ],
    right: (log) => ever(log, 'scale_up orders'),
  },
};

test.each(Object.entries(complaints))(
  '%s: of the naive one, and not of ours',
  (_name, complaint) => {
    const isRight = {
      ours: complaint.right(logOf(ours(), complaint)),
      naive: complaint.right(logOf(naive(complaint.perWorker === true), complaint)),
    };
    expect(isRight).toEqual({ ours: true, naive: false });
  },
);

import type { Fault } from '../test/process/faults/fault.ts';
import { clientsFor, targetClients } from '../test/process/faults/run-fault.ts';
import { faultGroups } from '../test/process/faults/table.ts';

import { pageTable } from './page-table.ts';

const nameOf = ({ fault, isLong }: Fault): string =>
  `${capital(fault)}${isLong ? ' (in the bench only)' : ''}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const trafficOf = ({ killsWorker }: Fault): string => (killsWorker ? 'reads' : 'reads and writes');

const costOf = ({ allowed }: Fault): string =>
  allowed === 0 ? 'nothing' : `at most ${allowed}: what is with the worker then`;

const clients = (fault: Pick<Fault, 'killsWorker'>): number =>
  clientsFor(fault).reduce((sum, plan) => sum + plan.clients, 0);
const readers = clients({ killsWorker: true });
const writers = clients({}) - readers;

/** docs/reliability.md, from the table that the tests and `npm run bench:faults` use. */
export const reliabilityPage = (): string =>
  [
    '# What goes wrong, and what it costs',
    '',
    'Each of these is done to a running app under traffic, in every run of the tests and many times in',
    '`npm run bench:faults`. The clients are strict: a request that is refused, cut off, not answered in',
    'five seconds or answered with an error has failed, and none is tried again.',
    '',
    `${readers} clients read without a pause, ${targetClients} of them from the service that goes wrong and the others from one`,
    `that has nothing to do with it; ${writers} write, which takes 100 ms each. About half of them keep their`,
    'connection, the others open a new one for each request.',
    '',
    'Where a worker dies on the spot, only reads are counted. A read that it was at is done again by',
    'another worker; a write is not, as it may have had its effect, and is answered with an error.',
    'A write becomes repeatable by calling it `idempotent` in its [contract](contracts.md).',
    '',
    'Afterwards the app must be whole again: every service with as many workers as it should have, and',
    'the same supervisor, unless it was the one that died. What happened must have been told, and what',
    'the supervisor may take for it is limited. Of times the bench prints what was seen.',
    '',
    'This page is made from the table of faults by `npm run docs`. `npm run bench:gates` breaks the',
    'program on purpose, and sees that the table notices.',
    '',
    ...faultGroups.flatMap(({ title, faults }) => [
      `## ${title}`,
      '',
      ...pageTable(
        ['fault', 'traffic', 'may cost'],
        faults.map((fault) => [nameOf(fault), trafficOf(fault), costOf(fault)]),
      ),
      '',
    ]),
  ].join('\n');

import type { AdviceAction } from '../../protocol/advice.ts';
import { errorsLine } from '../../protocol/thresholds.ts';
import { failuresAllowed } from '../advice/trust.ts';
import { stretchesOf } from '../history/stretch.ts';
import { starved } from '../history/window.ts';
import { othersShare } from '../machine.ts';
import { waitShares } from '../model/slices.ts';
import { patienceMs } from '../rules/answer-for.ts';
import { callsOf, shareOf, totalOf } from '../rules/calls.ts';
import { barelyUsedPerSecond, colocate } from '../rules/colocate.ts';
import { calleeShare, delegate } from '../rules/delegate.ts';
import { type Rule, round } from '../rules/draft.ts';
import { giveBack } from '../rules/give-back.ts';
import { blockedMs, blockedStretches, investigateBlocked } from '../rules/investigate-blocked.ts';
import { investigateCalls } from '../rules/investigate-calls.ts';
import { investigateErrors } from '../rules/investigate-errors.ts';
import { externalShare, investigateExternal } from '../rules/investigate-external.ts';
import { investigateFutile } from '../rules/investigate-futile.ts';
import { investigateHeldBack } from '../rules/investigate-held-back.ts';
import { investigateLimit } from '../rules/investigate-limit.ts';
import { investigateMemory } from '../rules/investigate-memory.ts';
import { investigateOthers } from '../rules/investigate-others.ts';
import { investigateStuck, stuckRequests } from '../rules/investigate-stuck.ts';
import { askedShare, investigateUnasked, shareOfRequests } from '../rules/investigate-unasked.ts';
import { investigateUneven, stuckBy, unevenBy } from '../rules/investigate-uneven.ts';
import { investigateUnexplained } from '../rules/investigate-unexplained.ts';
import { migrate } from '../rules/migrate.ts';
import { comingIn, scaleAhead } from '../rules/scale-ahead.ts';
import { scaleDown } from '../rules/scale-down.ts';
import { scaleUp } from '../rules/scale-up.ts';
import { heldBackShare, throttledShare, waitShare } from '../rules/shortage.ts';
import { guiltyShare, splitOut } from '../rules/split-out.ts';
import { failedPerSecond } from '../signals/errors.ts';
import { ownShare, worthACore } from '../signals/full.ts';
import { type Situation, sharesOf } from '../situation.ts';

/** A rule as a question, with the numbers that answer it. */
export type Asked = {
  readonly rule: Rule;
  readonly action: AdviceAction;
  readonly question: string;
  readonly numbers: (situation: Situation) => string;
};

const noPlan = 'nobody plans for its load';

const percent = (share: number): string => `${round(share * 100)} %`;

const machineNumbers = ({ machine, starvation }: Situation): string =>
  `${round(machine.idleCores, 1)} cores idle (full below ${worthACore}), its process waits for one ${percent(starvation)} of the time (from ${percent(starved)}), or this app uses ${round(machine.cpu - machine.othersCpu)} % of it (from ${percent(ownShare)})`;

const splitNumbers = ({ members }: Situation): string => {
  if (members.length === 1) return 'it is alone in its process';
  const shares = waitShares(
    members.map(({ service: name, slices }) => ({ service: name, ...slices })),
  );
  const [name = '', share = 0] = [...shares].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return `${name} causes ${percent(share)} of the wait for the loop (from ${percent(guiltyShare)})`;
};

const idleNumbers = (situation: Situation): string => {
  const { service, thresholds, idleForMs } = situation;
  if (service.workers <= service.minWorkers) return `it has its ${service.minWorkers} at least`;
  const busy = Math.max(0, ...stretchesOf(situation.history).map(({ meanBusy }) => meanBusy));
  return `at most ${round(busy)} % busy as far as is known (below ${thresholds.underutilized.cpu} % for ${round(idleForMs / 1_000)} s)`;
};

const callNumbers = (situation: Situation): string => {
  const [most] = callsOf(situation);
  if (most === undefined) return 'it waits for no other service';
  const { callee, slower, more, between } = most;
  return `${callee} has ${percent(shareOf(most))} of the extra time: ${percent(slower)} as it takes longer (from ${percent(calleeShare)}), ${percent(more)} as it is called more often, ${percent(between)} between the two`;
};

/** In the order of the reading, not of the asking. */
export const questions: readonly Asked[] = [
  {
    rule: investigateMemory,
    action: 'investigate',
    question: 'Is it memory that is at its line, or grows towards it?',
    numbers: ({ service, thresholds, history }) => {
      const grows = history.leak === undefined ? 'steady' : 'growing';
      return `${round(service.memoryMbPerWorker)} MB, ${grows} (line ${thresholds.memory.critical} MB)`;
    },
  },
  {
    rule: scaleAhead,
    action: 'scale_up',
    question: 'Does the load need more workers, before it hurts?',
    numbers: ({ plan, service }) =>
      plan === undefined
        ? noPlan
        : `${comingIn(plan)} need ${round(plan.load, 1)} cores and ${plan.needed} workers (it has ${service.workers})`,
  },
  {
    rule: investigateErrors,
    action: 'investigate',
    question: 'Do its requests fail, though it is neither full nor slow?',
    numbers: ({ service, thresholds }) =>
      `${round(service.errorRate * 100, 1)} % are errors, ${round(failedPerSecond(service), 1)} a second (line ${errorsLine(thresholds).critical} %)`,
  },
  {
    rule: delegate,
    action: 'scale_up',
    question: 'Is it slow because of a service that it calls?',
    numbers: callNumbers,
  },
  {
    rule: investigateHeldBack,
    action: 'investigate',
    question: 'Does it wait for a core while cores are idle, or its quota is used up?',
    numbers: ({ starvation, machine }) =>
      `${percent(starvation)} of the time (from ${percent(heldBackShare)}), with ${round(machine.idleCores, 1)} cores idle; a quota is used up in ${percent(machine.throttled)} of its periods (from ${percent(throttledShare)})`,
  },
  {
    rule: investigateStuck,
    action: 'investigate',
    question: 'Is nothing answered, though its loops are full?',
    numbers: ({ service: { completionsPerSecond, pending } }) =>
      `${round(completionsPerSecond, 1)} answers/s (none while ${stuckRequests} or more wait), and ${round(pending)} requests wait`,
  },
  {
    rule: investigateExternal,
    action: 'investigate',
    question: 'Is it slow because of something outside of the app?',
    numbers: (situation) =>
      `${percent(sharesOf(situation).external)} of the extra time is outside (from ${percent(externalShare)})`,
  },
  {
    rule: splitOut,
    action: 'split_out',
    question: 'Does one service hold the loop that it shares?',
    numbers: splitNumbers,
  },
  {
    rule: investigateUneven,
    action: 'investigate',
    question: 'Is one worker far busier than the others?',
    numbers: ({ service }) => {
      const [hottest = 0, ...others] = service.busyPerWorker;
      return others.length === 0
        ? 'it has one worker'
        : `${round(hottest)} % against ${others.map((busy) => round(busy)).join(', ')} % (from ${unevenBy} points, or ${stuckBy} of a hot one)`;
    },
  },
  {
    rule: investigateUnasked,
    action: 'investigate',
    question: 'Is its loop busy with what hardly any request asked for?',
    numbers: (situation) =>
      `${round(situation.queue.arrivalsPerSecond, 1)} requests/s make ${percent(shareOfRequests(situation))} of what its loops are busy with (below ${percent(askedShare)}, of a request a second or less)`,
  },
  {
    rule: investigateCalls,
    action: 'investigate',
    question: 'Does it wait for its calls, and no other service has the case?',
    numbers: (situation) =>
      `${percent(totalOf(callsOf(situation)))} of the extra time is spent on calls (from ${percent(calleeShare)})`,
  },
  {
    rule: investigateOthers,
    action: 'investigate',
    question: 'Do other programs fill the machine?',
    numbers: (situation) =>
      `others use ${round(situation.machine.othersCpu)} % of ${round(situation.machine.cpu)} % (from ${percent(othersShare)} of it); ${machineNumbers(situation)}`,
  },
  {
    rule: migrate,
    action: 'migrate',
    question: 'Is the machine full?',
    numbers: machineNumbers,
  },
  {
    rule: investigateFutile,
    action: 'investigate',
    question: 'Were more workers of no help before?',
    numbers: ({ failedScaleUps }) =>
      `${failedScaleUps} times in a row lately (from ${failuresAllowed})`,
  },
  {
    rule: investigateLimit,
    action: 'investigate',
    question: 'Has it all the workers it may have, and would more help?',
    numbers: ({ service }) => `${service.workers} of at most ${service.maxWorkers}`,
  },
  {
    rule: scaleUp,
    action: 'scale_up',
    question: 'Are its event loops short of time?',
    numbers: (situation) => {
      const { queue, service, thresholds } = situation;
      const { loopWait } = sharesOf(situation);
      return `hottest worker ${round(service.busyPerWorker[0] ?? 0)} % (from ${thresholds.cpu.critical} %), or all ${round(queue.busy)} % (from ${thresholds.cpu.warning} %) with ${percent(loopWait)} of the extra time in the queue (from ${percent(waitShare)})`;
    },
  },
  {
    rule: investigateBlocked,
    action: 'investigate',
    question: 'Is its event loop blocked again and again?',
    numbers: ({ history }) => {
      const recent = stretchesOf(history).slice(-6);
      const longest = Math.max(0, ...recent.map(({ maxSliceMs }) => maxSliceMs));
      const blocked = recent.filter(({ maxSliceMs }) => maxSliceMs > blockedMs).length;
      return `up to ${round(longest)} ms (from ${blockedMs}) in ${blocked} of the last ${recent.length} stretches of 10 s (from ${blockedStretches})`;
    },
  },
  {
    rule: investigateUnexplained,
    action: 'investigate',
    question: 'Is it critical for long, and no other rule knows why?',
    numbers: ({ evidence }) => {
      const heldMs = Math.max(0, ...evidence.map((one) => one.heldMs));
      return `over its line for ${round(heldMs / 1_000)} s (from ${patienceMs / 1_000} s, at a critical line)`;
    },
  },
  {
    rule: giveBack,
    action: 'scale_down',
    question: 'Have workers stood idle that the load does not need?',
    numbers: ({ plan, service, history }) =>
      plan === undefined
        ? noPlan
        : `${plan.enough} of ${service.workers} workers are enough, and the others stood idle for ${round((history.spareSeconds ?? 0) / 60, 1)} min`,
  },
  {
    rule: scaleDown,
    action: 'scale_down',
    question: 'Was it idle long enough for a worker less?',
    numbers: idleNumbers,
  },
  {
    rule: colocate,
    action: 'colocate',
    question: 'Is it so little used that it can share a process?',
    numbers: ({ service, idlers }) =>
      idlers.some((one) => one.service === service.service)
        ? `${idlers.length} services idle in one worker each (from 2), with ${round(service.arrivalsPerSecond, 1)} requests/s (below ${barelyUsedPerSecond})`
        : 'it was in use, shares a process, or has not been seen long enough',
  },
];

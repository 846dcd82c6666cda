import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import * as doubt from '../../../src/advisor/advice/doubt.ts';
import * as resize from '../../../src/advisor/advice/resize.ts';
import { failuresAllowed } from '../../../src/advisor/advice/trust.ts';
import * as turn from '../../../src/advisor/advice/turn.ts';
import { jump, mostGrowth } from '../../../src/advisor/capacity/arrivals.ts';
import { doubtOfFew, otherDemand } from '../../../src/advisor/capacity/demand.ts';
import { margins } from '../../../src/advisor/capacity/follow.ts';
import * as plan from '../../../src/advisor/capacity/plan.ts';
import { fallenShare } from '../../../src/advisor/capacity/regrowth.ts';
import * as reversals from '../../../src/advisor/capacity/reversals.ts';
import { enoughCalmSeconds } from '../../../src/advisor/history/calm.ts';
import {
  leakSeenMs,
  leakUrgentMs,
  leakWithinMs,
  leakWorthMb,
  steepSeenMs,
  steepWithin,
} from '../../../src/advisor/history/leak.ts';
import { starved } from '../../../src/advisor/history/window.ts';
import { othersShare } from '../../../src/advisor/machine.ts';
import { waitAllowed } from '../../../src/advisor/model/sizing.ts';
import * as verdict from '../../../src/advisor/outcome/verdict.ts';
import * as verify from '../../../src/advisor/outcome/verify.ts';
import { patienceMs } from '../../../src/advisor/rules/answer-for.ts';
import * as colocate from '../../../src/advisor/rules/colocate.ts';
import { calleeShare } from '../../../src/advisor/rules/delegate.ts';
import { roomForChance, roomWhenSpent } from '../../../src/advisor/rules/give-back.ts';
import {
  blockedMs,
  blockedShare,
  blockedStretches,
} from '../../../src/advisor/rules/investigate-blocked.ts';
import { externalShare } from '../../../src/advisor/rules/investigate-external.ts';
import * as stuck from '../../../src/advisor/rules/investigate-stuck.ts';
import { askedShare } from '../../../src/advisor/rules/investigate-unasked.ts';
import * as uneven from '../../../src/advisor/rules/investigate-uneven.ts';
import { calmShare } from '../../../src/advisor/rules/scale-down.ts';
import { roomyShare } from '../../../src/advisor/rules/scale-up.ts';
import * as shortage from '../../../src/advisor/rules/shortage.ts';
import * as splitOut from '../../../src/advisor/rules/split-out.ts';
import * as settings from '../../../src/advisor/settings.ts';
import * as burn from '../../../src/advisor/signals/burn.ts';
import { enoughErrors, failingMs } from '../../../src/advisor/signals/errors.ts';
import * as full from '../../../src/advisor/signals/full.ts';
import * as moment from '../../../src/advisor/signals/moment.ts';
import * as run from '../../../src/advisor/signals/run.ts';
import {
  agreeingMs,
  chanceSeconds,
  climbedMs,
  enoughAnswers,
  enoughSlowSeconds,
  lastingMs,
  longer,
  manyAnswers,
  pressingMs,
  slower,
} from '../../../src/advisor/signals/signals.ts';
import { autopilotIdleMs } from '../../../src/advisor/situation.ts';
import { viewWindowMs } from '../../../src/advisor/view.ts';
import { recommendationSchema } from '../../../src/protocol/schema.ts';
import { defaultThresholds, type Line } from '../../../src/protocol/thresholds.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/advisor.md'), 'utf8');
/** The cells of every row of a table, a space between each. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !line.startsWith('| --'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .join(' ')
      .trim(),
  );

const share = (part: number): string => `${Math.round(part * 100)} %`;
const time = (ms: number): string =>
  ms >= 120_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
const line = ({ warning, critical }: Line, unit: string): string =>
  `${warning}${unit} ${critical}${unit}`;

const { cpu, latencyP99, pending, memory, errors, underutilized } = defaultThresholds;

const numbers: readonly string[] = [
  `CPU per worker ${line(cpu, ' %')}`,
  `P99 latency ${line(latencyP99, ' ms')}`,
  `pending requests ${line(pending, '')}`,
  `memory of a process ${line(memory, ' MB')}`,
  `answers with errors ${line(errors, ' %')}`,
  `pressure must hold for ${time(settings.defaultSettings.holdMs)}`,
  `and a P99 or errors, which span the seconds of a view, for longer by ${time(viewWindowMs)}`,
  `a P99, if more requests wait as well and no loop is full, for ${time(agreeingMs)}`,
  `all, while P99 is critical and each second alone was slow, for ${time(lastingMs)}`,
  `CPU, after its warning line was crossed for ${time(climbedMs)}, for ${time(lastingMs)}`,
  `all, while ever more requests wait and another signal is critical, for ${time(pressingMs)}`,
  `errors, if each second alone had too many of them, for ${time(failingMs)}`,
  `it ends below this share of the line that it crossed ${share(settings.offShare)}`,
  `a worker is warming up, and opens no case, for ${time(settings.graceMs)}`,
  `no verdict on a service before it was seen for ${settings.enoughSeconds} s`,
  `a P99 counts with so many answers in ten seconds ${enoughAnswers}`,
  `and errors with so many of them in ten seconds ${enoughErrors}`,
  `"as usual" is learned from so many calm seconds ${enoughCalmSeconds}`,
  `of fewer answers than ${manyAnswers} in a view, if so many of the last ${chanceSeconds} s did ${enoughSlowSeconds}`,
  `slower than usual is its calm P99 times ${slower}`,
  `and longer on average, its calm mean times ${longer}`,
  `critical, in 60 s and in ${time(burn.fast.shortMs)}: so many times what there may be ${burn.fast.times}`,
  `warning, in ${time(burn.slow.longMs)} and in ${time(burn.slow.shortMs)}: so many times ${burn.slow.times}`,
  `and no fewer bad answers than ${burn.enoughBad}`,
  `of low traffic, slow answers in a row ${run.enoughInARow.latencyP99Ms}`,
  `and errors in a row ${run.enoughInARow.errorPercent}`,
  `over at least ${time(run.runMs)}`,
  `and with no gap longer than ${time(run.runGapMs)}`,
  `it has come back when the time before is less ago than ${time(moment.comesBackMs)}`,
  `and is over when it has not come for ${time(moment.overAfterMs)}`,
  `memory has grown for at least ${time(leakSeenMs)}`,
  `memory by at least ${leakWorthMb} MB`,
  `memory and reaches its critical line within ${time(leakWithinMs)}`,
  `memory critical when it does so within ${time(leakUrgentMs)}`,
  `memory if it is steep, has grown for at least ${time(steepSeenMs)}`,
  `memory and is to be at its line within so many times as long ${steepWithin}`,
  `delegated the callees' part of the extra time is at least ${share(calleeShare)}`,
  `delegated and they get cases of their own within ${time(patienceMs)}`,
  `errors and of those that fail ${share(calleeShare)}`,
  `held back its process waits for an idle core this part of the time ${share(shortage.heldBackShare)}`,
  `held back or for any, if its quota is used up in so many periods ${share(shortage.throttledShare)}`,
  `held back this part of the time ${share(starved)}`,
  `stuck answers nothing for ${time(viewWindowMs)}`,
  `stuck while so many requests wait, or more ${stuck.stuckRequests}`,
  `external the part of the extra time spent outside is at least ${share(externalShare)}`,
  `calls the part of the extra time spent in calls is at least ${share(calleeShare)}`,
  `split_out the guilty one's part of the wait for the loop is at least ${share(splitOut.guiltyShare)}`,
  `split_out its longest slice is at least, unless the loop is full ${splitOut.feltMs} ms`,
  `split_out the wait's part of the extra time is at least ${share(splitOut.waitShare)}`,
  `uneven percent points of a hot one above the mean of the others ${uneven.stuckBy}`,
  `uneven or of one that requests wait for, over ten seconds ${uneven.unevenBy}`,
  `uneven and so many standard deviations of chance ${uneven.beyondChance}`,
  `uneven while all together are busy below ${cpu.warning} %`,
  `unasked requests make less of what its loops are busy with than ${share(askedShare)}`,
  `other programs their part of the used machine is at least ${share(othersShare)}`,
  `migrate fewer idle cores than this are none ${full.worthACore}`,
  `migrate and its process waits for one this part of the time ${share(starved)}`,
  `migrate or this app uses this part of the machine ${share(full.ownShare)}`,
  `migrate until so many are idle ${full.roomForOne}`,
  `migrate or it waits for less than this part of the time ${share(full.served)}`,
  `migrate and that has been so for ${time(full.freeAfterMs)}`,
  `migrate or at once, if this part of all is idle and more than one ${share(full.freeShare)}`,
  `migrate or, of one or two cores, this part of them ${share(full.freeOfFewShare)}`,
  `migrate and it has waited for none, on average or in the last ${full.servedSeconds} s`,
  `scale_up below the critical line: the wait's part of the extra time ${share(shortage.waitShare)}`,
  `scale_up a worker is to be busy at most ${share(roomyShare)}`,
  `futile failures in a row ${failuresAllowed}`,
  `blocked a slice longer than ${blockedMs} ms`,
  `blocked in so many of the last six stretches of ten seconds ${blockedStretches}`,
  `blocked and by its square this part of ten seconds' wait ${share(blockedShare)}`,
  `unexplained it has been over its line for ${time(patienceMs)}`,
  `scale_down underused is below ${underutilized.cpu} %`,
  `scale_down for at least ${time(underutilized.duration)}`,
  `scale_down the others are then busy at most ${cpu.scaleDown} %`,
  `scale_down and in the busiest second ${cpu.warning} %`,
  `scale_down P99 is then at most this share of its critical line ${share(calmShare)}`,
  `colocate barely used is fewer requests a second than ${colocate.barelyUsedPerSecond}`,
  `colocate together busy below ${colocate.lightTogether} %`,
  `colocate without a slice of ${colocate.shortSliceMs} ms`,
  `autopilot idleness counts after ${time(autopilotIdleMs)}`,
  `a worker is planned to be busy at most ${share(plan.fullest)}`,
  `P99 may be at first this share of its critical line ${share(plan.startMargin)}`,
  `and at least, at most ${share(margins.least)}, ${share(margins.most)}`,
  `a P99 that is long without any wait may grow by ${share(waitAllowed)}`,
  `it is a jump, and no chance, from so many times the usual rate on ${jump}`,
  `what a request takes is another from a difference of ${share(otherDemand)}`,
  `and of few, from so many standard deviations more ${doubtOfFew}`,
  `growth over a minute adds at most ${share(mostGrowth.overMinute)}`,
  `growth over six seconds adds at most ${share(mostGrowth.overSeconds)}`,
  `workers with more work before them than this are of no use ${plan.cloggedSeconds} s`,
  `a turn is a change of direction within ${time(reversals.reversalMs)}`,
  `must stand idle, with 0 and 1 turns in the last hour, for ${reversals.idleSeconds.join(', ')} s`,
  `and the first time, or for few workers of many, for ${reversals.idleSecondsAtFirst} s`,
  `as many stay as would do if more came, by ${share(roomForChance)}`,
  `and after two turns for what may come back, and more by ${share(roomWhenSpent)}`,
  `and soon after workers came for ${reversals.idleSecondsOfATurn} s`,
  `if that saves so many seconds of each worker ${reversals.worthATurnSeconds} s`,
  `and the load is below this share of its peak ${share(fallenShare)}`,
  `after 1 turn, and with workers that came, these remain at most ${share(reversals.lastTurnShare)}`,
  `advice whose evidence is gone stays for ${time(settings.clearAfterMs)}`,
  `the machine has become full, and takes its place after ${time(turn.turnMs)}`,
  `or at once, when there was waiting in each of ${full.waitedSeconds} s`,
  `so does a cause that explains three quarters, where nothing swings, after ${time(turn.turnMs)}`,
  `and where it swings, one that explains all, twice as late for each swing, after ${time(settings.clearAfterMs)}`,
  `what has taken no other's place gives it up at the latest after ${time(settings.clearAfterMs)}`,
  `a swing is a turn after advice that was not true without a break for ${time(turn.steadyMs)}`,
  `and, however little the new cause explains, after ${time(turn.turnAgainMs)}`,
  `sooner, by as much as is missing, when what is told explains less than ${share(doubt.doubtfulPart)}`,
  `a machine that was full explains nothing with so much of it idle, and two cores ${share(doubt.emptyTimes * full.freeShare)}`,
  `what is found at ease takes its place at the soonest after ${time(turn.sameCaseMs)}`,
  `its size is far off, and changed at once, by more than ${share(resize.farShare)}`,
  `and by one worker; else when it was too small for ${time(resize.tooSmallMs)}`,
  `or too large for ${time(resize.tooLargeMs)}`,
  `dismissed advice is silent, unless it becomes worse, for ${time(settings.dismissedForMs)}`,
  `new workers are warm after ${time(settings.graceMs)}`,
  `cooldown (\`advisor.cooldownMs\`) ${time(settings.defaultSettings.cooldownMs)}`,
  `up again before that when the load has grown by ${share(settings.grownShare - 1)}`,
  `the effect of an action is read after ${time(verify.verdictAfterMs)}`,
  `or after the cooldown, if that is shorter; at least after ${time(verify.verdictSoonestMs)}`,
  `or as soon as so many requests are answered ${verify.enoughAnswered}`,
  `at the latest, if there is load, after ${time(verify.verdictAfterMs * verify.verdictPatience)}`,
  `and is waited for, when the load is gone, for ${time(verify.verdictAtLatestMs)}`,
  `what did not help is not repeated for ${time(settings.distrustMs)}`,
  `at most this share of what it was ${share(verdict.better)}`,
  `or of a P99 that is still over its line ${share(verdict.muchBetter)}`,
  `or full workers answer more, by this part of what they could ${share(verdict.takenUp)}`,
  `nothing is said with less of the load than ${share(verdict.comparableLoad)}`,
  `nor, if it did not help, with a load that has grown by ${share(verdict.grownLoad - 1)}`,
  `or, if it was planned for the load, by ${share(verdict.outgrown - 1)}`,
];
const headings = [
  'signal warning critical',
  'when it counts',
  'what is used up',
  'rule number',
  'autopilot',
  'time',
  'helped means',
];

test('every number of docs/advisor.md is that of the code', () => {
  expect(rows.filter((row) => !headings.includes(row))).toEqual(numbers);
});

test('the recommendation that docs/advisor.md shows is one as scripts get it', () => {
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const advice: unknown = JSON.parse(shown);
  expect(v.safeParse(recommendationSchema, advice).issues).toBeUndefined();
});

import {
  adviceActions,
  type Interval,
  type Prediction,
  type Recommendation,
  type Signal,
  signals,
} from '../../protocol/advice.ts';
import type { Explanation, Question, SignalReading } from '../../protocol/explanation.ts';
import { withCases } from '../case-of.ts';
import { isPossible, rulesFor } from '../diagnose.ts';
import { pastOf } from '../history/past.ts';
import { isUnanswered } from '../history/unanswered.ts';
import { machineOf } from '../machine.ts';
import type { Memory } from '../memory/memory.ts';
import { isOfQueue, predict } from '../model/prediction.ts';
import type { Queue } from '../model/queue.ts';
import { type Draft, isDraft, type Refusal, round } from '../rules/draft.ts';
import type { AdvisorSettings } from '../settings.ts';
import { burnRatesOf } from '../signals/burn.ts';
import { linesOf, valuesOf } from '../signals/signals.ts';
import { idlersOf, type Situation, sharesOf, situationOf } from '../situation.ts';
import type { View } from '../view.ts';
import { questions } from './questions.ts';
import { wouldChange } from './would-change.ts';

type Known = { readonly memory: Memory; readonly view: View; readonly settings: AdvisorSettings };

/** One question and what its rule said. */
export type Answered = {
  readonly action: Recommendation['action'];
  readonly question: string;
  readonly numbers: string;
  readonly isAsked: boolean;
  readonly said: Draft | Refusal | undefined;
};

/** How the advisor comes to what it says of a service; undefined while it cannot say anything. */
export const explain = (
  name: string,
  known: Known,
): Omit<Explanation, 'version' | 'app' | 'at'> | undefined => {
  const situation = situationIn(name, known);
  if (situation === undefined) return undefined;
  const open = known.memory.open.find(({ recommendation }) => recommendation.service === name);
  const recommendation = open?.recommendation;
  const answers = answersIn(situation);
  const closing = answers.find(({ isAsked, said }) => isAsked && said !== undefined);
  const { queue, service, machine } = situation;
  return {
    service: name,
    verdict: verdictOf(recommendation, closing, situation),
    ...(recommendation !== undefined && { recommendation }),
    signals: readingsOf(situation),
    time: sharesOf(situation),
    load: {
      workers: service.workers,
      cores: round(queue.load, 2),
      requestsPerSecond: round(queue.arrivalsPerSecond, 1),
      busyPercent: round(queue.busy, 1),
      idleCores: round(machine.idleCores, 2),
    },
    candidates: candidatesOf(situation, recommendation),
    tree: answers.filter(isInTree).map((answer) => toQuestion(answer, closing)),
    notAdvised: refusalsOf(answers, { recommendation, closing, situation }),
    wouldChange: wouldChange(situation, known.settings, recommendation !== undefined),
  };
};

const situationIn = (name: string, { memory, view, settings }: Known): Situation | undefined => {
  const service = view.services.find((one) => one.service === name);
  const machine = machineOf(view, memory);
  if (service === undefined || machine === undefined) return undefined;
  const idlers = idlersOf(view, memory, settings);
  const past = pastOf(memory);
  const around = withCases({ view, memory, past, settings, idlers }, machine);
  return situationOf(service, around, machine);
};

/** Each rule is asked, also those that come after the one that closes the case. */
const answersIn = (situation: Situation): readonly Answered[] => {
  const inTurn = rulesFor(situation);
  const others = questions
    .map(({ rule }) => rule)
    .filter((rule) => !inTurn.includes(rule) && isPossible(rule, situation));
  return [...inTurn, ...others].flatMap((rule) => {
    const asked = questions.find((one) => one.rule === rule);
    if (asked === undefined) return [];
    const { action, question, numbers } = asked;
    const isAsked = inTurn.includes(rule);
    return [{ action, question, numbers: numbers(situation), isAsked, said: rule(situation) }];
  });
};

const isInTree = ({ isAsked }: Answered): boolean => isAsked;

const toQuestion = (answer: Answered, closing: Answered | undefined): Question => {
  const { question, numbers, said } = answer;
  if (answer === closing) return { question, numbers, answer: 'yes' };
  return { question, numbers, answer: said === undefined ? 'no' : 'not asked' };
};

const verdictOf = (
  recommendation: Recommendation | undefined,
  closing: Answered | undefined,
  { evidence }: Situation,
): string => {
  if (recommendation !== undefined) return `${recommendation.action}: ${recommendation.reason}`;
  if (closing?.said !== undefined && !isDraft(closing.said)) {
    return `no advice: ${closing.said.because}`;
  }
  if (closing?.said !== undefined) return `${closing.action} is kept back`;
  return evidence.length === 0
    ? 'no advice: no signal is over its line'
    : 'no advice: nothing explains the pressure yet';
};

const readingsOf = (situation: Situation): readonly SignalReading[] => {
  const { history, thresholds, at } = situation;
  const now = history.points.at(-1);
  if (now === undefined) return [];
  const since = (signal: Signal): { readonly heldMs?: number } => {
    const held = history.held[signal];
    return held === undefined ? {} : { heldMs: at - held };
  };
  const rates: Partial<Record<Signal, SignalReading['burn']>> = burnRatesOf(history, thresholds);
  const burnt = (signal: Signal): Pick<SignalReading, 'burn'> => {
    const burn = rates[signal];
    return burn === undefined ? {} : { burn };
  };
  return signals.map((signal) => ({
    signal,
    value: round(valuesOf(now)[signal], 1),
    warning: linesOf(thresholds)[signal].warning,
    critical: linesOf(thresholds)[signal].critical,
    ...since(signal),
    ...burnt(signal),
  }));
};

/**
 * The present number of workers, the advised one, and one more and less than that. None while hardly
 * anything is answered: what those requests need is not known then.
 */
const candidatesOf = (
  { service, queue }: Situation,
  recommendation: Recommendation | undefined,
): Explanation['candidates'] => {
  if (isUnanswered(service)) return [];
  const advised = Number(recommendation?.details['suggestedWorkers'] ?? service.workers);
  const counts = [service.workers, advised - 1, advised, advised + 1];
  const possible = counts.filter(
    (count) => count >= service.minWorkers && count <= service.maxWorkers,
  );
  return [...new Set(possible)].map((workers) => ({
    workers,
    prediction: workers === service.workers ? asItIs(queue) : withOther(queue, workers),
  }));
};

const withOther = (queue: Queue, workers: number): Prediction => {
  const { latencyP99Ms, ...others } = predict(queue, workers);
  return { ...others, ...(latencyP99Ms && isOfQueue(queue) && { latencyP99Ms }) };
};

/** What is there need not be predicted: doing nothing brings no other P99. None is known of no answers. */
const asItIs = ({ busy, p99, pending }: Queue): Prediction => ({
  cpu: unchanged(busy),
  ...(p99 > 0 && { latencyP99Ms: unchanged(p99) }),
  pending: unchanged(pending),
});

const unchanged = (value: number): Interval => {
  const from = round(value, 1);
  return { from, to: from, low: from, high: from };
};

type End = {
  readonly recommendation: Recommendation | undefined;
  readonly closing: Answered | undefined;
  readonly situation: Situation;
};

/** Each action that is not advised, once, with the reason of the rule that came nearest to it. */
const refusalsOf = (answers: readonly Answered[], end: End): Explanation['notAdvised'] =>
  adviceActions
    .filter((action) => action !== end.recommendation?.action)
    .map((action) => {
      const own = answers.filter((answer) => answer.action === action);
      const best = own.find(({ said }) => said !== undefined) ?? own.at(-1);
      return { action, because: best === undefined ? 'no rule leads to it' : whyNot(best, end) };
    });

const whyNot = (answer: Answered, { closing, recommendation, situation }: End): string => {
  const { said, isAsked, numbers } = answer;
  if (!isAsked) {
    return situation.evidence.length > 0
      ? 'it is under pressure'
      : `no signal is over its line; ${numbers}`;
  }
  if (said !== undefined && !isDraft(said)) return said.because;
  if (said === undefined) return numbers;
  if (answer === closing) return 'it is kept back, see `forge advise`';
  return `${recommendation?.action ?? closing?.action ?? 'another finding'} comes first`;
};

import type { AdviceAction, NotAdvised, Recommendation } from '../protocol/advice.ts';
import type { Severity } from '../protocol/severity.ts';
import { worst } from '../protocol/severity.ts';
import { silence } from './advice/silence.ts';
import { isExecutable } from './advice/to-action.ts';
import { withCases } from './case-of.ts';
import { diagnose } from './diagnose.ts';
import { pastOf } from './history/past.ts';
import { type Machine, machineOf, reserve } from './machine.ts';
import type { Memory } from './memory/memory.ts';
import { type Confidence, clearnessOf, confidenceAfter, sureEnough } from './model/confidence.ts';
import { type Draft, isDraft, type Refusal } from './rules/draft.ts';
import { investigateDoubtful } from './rules/investigate-doubtful.ts';
import { type AdvisorSettings, enoughSeconds } from './settings.ts';
import { staysBad } from './signals/burning.ts';
import { severityOfEvidence } from './signals/signals.ts';
import {
  burningSituation,
  idlersOf,
  type Situation,
  type Surroundings,
  situationOf,
} from './situation.ts';
import type { ServiceView, View } from './view.ts';

/** What a rule drafted, and of how much weight it is. */
export type Found = {
  readonly draft: Draft;
  readonly situation: Situation;
  readonly severity: Severity;
};

export type Judged = {
  readonly found: readonly Found[];
  readonly notAdvised: readonly NotAdvised[];
  /** Services on which there is no verdict yet: what was said of them stays. */
  readonly unknown: ReadonlySet<string>;
  /** Ids of advice that stays for a while though nothing is to be seen of its case. */
  readonly staying: ReadonlySet<string>;
};

type NotSaid = {
  readonly not: NotAdvised;
  readonly unknown?: true;
  /** It is under pressure, and what was said of it before is no answer to that. */
  readonly isCase?: true;
};
type Said = { readonly found: Found } | NotSaid;

/** Each service once, and at most one thing of each: a draft, or why not. */
export const judge = (view: View, memory: Memory, settings: AdvisorSettings): Judged => {
  const idlers = idlersOf(view, memory, settings);
  const past = pastOf(memory);
  let machine = machineOf(view, memory);
  const confidence = confidenceAfter(memory.outcomes);
  const known = withCases({ view, memory, past, settings, idlers }, machine);
  const found: Found[] = [];
  const refused: NotSaid[] = [];
  for (const service of inTurn(view, memory)) {
    const said = judgeOne(service, known, { machine, confidence });
    if (said === undefined) continue;
    if ('not' in said) {
      refused.push(said);
      continue;
    }
    found.push(said.found);
    if (machine !== undefined) machine = reserve(machine, said.found.draft);
  }
  const inCases = servicesOf(refused.filter(({ isCase }) => isCase));
  const open = memory.open.filter(({ recommendation }) => !inCases.has(recommendation.service));
  return {
    found,
    notAdvised: refused.map(({ not }) => not),
    unknown: servicesOf(refused.filter(({ unknown }) => unknown)),
    staying: stayingOf(view, { ...memory, open }, settings),
  };
};

const servicesOf = (refused: readonly NotSaid[]): ReadonlySet<string> =>
  new Set(refused.map(({ not: { service } }) => service));

const judgeOne = (
  service: ServiceView,
  known: Surroundings,
  {
    machine,
    confidence,
  }: { readonly machine: Machine | undefined; readonly confidence: Confidence },
): Said | undefined => {
  const { service: name } = service;
  if (service.workers === 0) return not(name, 'scale_up', 'none of its workers is ready');
  const situation = machine && situationOf(service, known, machine);
  if (situation === undefined || situation.history.points.length < enoughSeconds) {
    return { ...not(name, 'scale_up', 'not enough data yet'), unknown: true };
  }
  const { said: first, of } = diagnoseBoth(situation, known.settings);
  const said = sureOf(first, of, { confidence, open: known.memory.open });
  if (said === undefined) return undefined;
  if (!isDraft(said)) {
    const isCase = of.evidence.length > 0 && { isCase: true as const };
    return { ...not(name, said.action, said.because), ...isCase };
  }
  const held = [...of.evidence.map(severityOfEvidence), said.severity ?? 'ok'];
  const severity = said.atMost ?? worst(held);
  const found = { draft: said, situation: of, severity };
  const because = silence(found, known);
  return because === undefined ? { found } : not(said.service, said.action, because);
};

/** More workers that would hardly help are looked into first. */
const sureOf = (
  said: Draft | Refusal | undefined,
  situation: Situation,
  { confidence, open }: { readonly confidence: Confidence } & Pick<Memory, 'open'>,
): Draft | Refusal | undefined => {
  if (said === undefined || !isDraft(said) || said.action !== 'scale_up') return said;
  const before = open.find(({ recommendation }) => isSameKind(recommendation, said));
  const strength = clearnessOf(said.strength, before?.recommendation.record);
  const { confidence: likely } = confidence(said.action, strength);
  if (likely >= sureEnough || situation.plan !== undefined) return said;
  return investigateDoubtful(said, situation, likely);
};

const isSameKind = (shown: Recommendation, said: Draft): boolean =>
  shown.service === said.service && shown.action === said.action;

type Diagnosed = { readonly said: Draft | Refusal | undefined; readonly of: Situation };

/**
 * What burns is a case while nothing is over its line, but for a person only: the autopilot does
 * what it would have done without it.
 */
const diagnoseBoth = (situation: Situation, settings: AdvisorSettings): Diagnosed => {
  const usual = { said: diagnose(situation), of: situation };
  const burning = burningSituation(situation);
  if (burning === undefined || isForAutopilot(usual.said, settings)) return usual;
  const said = diagnose(burning);
  return said === undefined || isForAutopilot(said, settings) ? usual : { said, of: burning };
};

const isForAutopilot = (said: Diagnosed['said'], settings: AdvisorSettings): boolean =>
  said !== undefined && isDraft(said) && isExecutable(said, settings);

/** A case that was opened stays while it may come back, unless the autopilot would act on it. */
const stayingOf = (view: View, memory: Memory, settings: AdvisorSettings): ReadonlySet<string> =>
  new Set(
    memory.open
      .map(({ recommendation }) => recommendation)
      .filter((advice) => {
        const seen = memory.services[advice.service];
        return seen !== undefined && staysBad(seen, view.at) && !isExecutable(advice, settings);
      })
      .map(({ id }) => id),
  );

const not = (service: string, action: AdviceAction, because: string): { not: NotAdvised } => ({
  not: { service, action, because },
});

/** Whoever has advice already keeps its claim on the machine; then those that need most of it. */
const inTurn = (view: View, memory: Memory): readonly ServiceView[] => {
  const open = new Set(memory.open.map(({ recommendation }) => recommendation.service));
  return view.services
    .map((service) => {
      const { arrivalsPerSecond = 0, demandMs = 0 } = memory.services[service.service]?.queue ?? {};
      const cores = (arrivalsPerSecond * demandMs) / 1_000;
      return { service, cores, isOpen: Number(open.has(service.service)) };
    })
    .toSorted((a, b) => b.isOpen - a.isOpen || b.cores - a.cores)
    .map(({ service }) => service);
};

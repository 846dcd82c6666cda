import type { AdviceAction, NotAdvised } from '../protocol/advice.ts';
import type { Severity } from '../protocol/severity.ts';
import { worst } from '../protocol/severity.ts';
import { diagnose } from './diagnose.ts';
import { type Machine, machineOf, reserve } from './machine.ts';
import type { Memory } from './memory.ts';
import { type Draft, isDraft } from './rules/draft.ts';
import { type AdvisorSettings, enoughSeconds } from './settings.ts';
import { severityOfEvidence } from './signals.ts';
import { silence } from './silence.ts';
import { idlersOf, type Situation, type Surroundings, situationOf } from './situation.ts';
import { type ServiceView, servicesByName, type View } from './view.ts';

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
  readonly unknown: readonly string[];
};

type Said = { readonly found: Found } | { readonly not: NotAdvised; readonly unknown?: true };

/** Each service once, and at most one thing of each: a draft, or why not. */
export const judge = (view: View, memory: Memory, settings: AdvisorSettings): Judged => {
  const idlers = idlersOf(view, memory, settings);
  const known = { view, byName: servicesByName(view), memory, settings, idlers };
  let machine = machineOf(view, memory);
  const said: Said[] = [];
  for (const service of inTurn(view, memory)) {
    const one = judgeOne(service, known, machine);
    if (one === undefined) continue;
    said.push(one);
    if ('found' in one && machine !== undefined) machine = reserve(machine, one.found.draft);
  }
  return {
    found: said.flatMap((one) => ('found' in one ? [one.found] : [])),
    notAdvised: said.flatMap((one) => ('not' in one ? [one.not] : [])),
    unknown: said.flatMap((one) => ('not' in one && one.unknown ? [one.not.service] : [])),
  };
};

const judgeOne = (
  service: ServiceView,
  known: Surroundings,
  machine: Machine | undefined,
): Said | undefined => {
  const { service: name } = service;
  const not = (action: AdviceAction, because: string): Said => ({
    not: { service: name, action, because },
  });
  if (service.workers === 0) return not('scale_up', 'none of its workers is ready');
  const situation = machine && situationOf(service, known, machine);
  if (situation === undefined || situation.history.points.length < enoughSeconds) {
    return {
      not: { service: name, action: 'scale_up', because: 'not enough data yet' },
      unknown: true,
    };
  }
  const said = diagnose(situation);
  if (said === undefined) return undefined;
  if (!isDraft(said)) return not(said.action, said.because);
  const found = {
    draft: said,
    situation,
    severity: worst(situation.evidence.map(severityOfEvidence)),
  };
  const because = silence(found, {
    memory: known.memory,
    settings: known.settings,
    at: known.view.at,
  });
  return because === undefined
    ? { found }
    : { not: { service: said.service, action: said.action, because } };
};

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

import { diagnose } from './diagnose.ts';
import type { Machine } from './machine.ts';
import { isDraft } from './rules/draft.ts';
import { type Case, type Situation, type Surroundings, situationOf } from './situation.ts';
import { groupsOf, servicesByName } from './view.ts';

const none: Case = { status: 'none' };

/** Lets a rule ask whether anything is said of another service; each is looked at once a second. */
export const withCases = (
  around: Omit<Surroundings, 'byName' | 'groups' | 'caseOf'>,
  machine: Machine | undefined,
): Surroundings => {
  const found = new Map<string, Case>();
  const caseOf = (name: string): Case => {
    const known = found.get(name);
    if (known !== undefined) return known;
    // Whoever asks for it meanwhile is asked itself, in a circle: one of them has to keep the case.
    found.set(name, none);
    const service = surroundings.byName.get(name);
    const isReady = service !== undefined && service.workers > 0 && machine !== undefined;
    const situation = isReady ? situationOf(service, surroundings, machine) : undefined;
    const its = situation === undefined ? none : caseIn(situation);
    found.set(name, its);
    return its;
  };
  const { view } = around;
  const surroundings: Surroundings = {
    ...around,
    byName: servicesByName(view),
    groups: groupsOf(view),
    caseOf,
  };
  return surroundings;
};

const caseIn = (situation: Situation): Case => {
  const said = diagnose(situation);
  const isAtEase = situation.evidence.length === 0;
  if (said !== undefined && isDraft(said)) {
    // That it is idle explains nobody's trouble.
    if (!isAtEase || said.action === 'investigate') return { status: 'told', of: said.service };
  } else if (said?.of !== undefined) return { status: 'told', of: said.of };
  const isComing = isAtEase && Object.keys(situation.history.held).length > 0;
  if (isComing) return { status: 'coming' };
  return said !== undefined && !isDraft(said) && !isAtEase
    ? { status: 'none', because: said.because }
    : none;
};

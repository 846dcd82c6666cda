/** What the autopilot may carry out: migrations and investigations are a person's. */
export const autopilotKinds = ['scale', 'split', 'colocate'] as const;
export type AutopilotKind = (typeof autopilotKinds)[number];

/** All kinds, none, or those that are named. */
export type AutoExecute = boolean | Readonly<Partial<Record<AutopilotKind, boolean>>>;

export const mayExecute = (given: AutoExecute, kind: AutopilotKind): boolean =>
  typeof given === 'boolean' ? given : given[kind] === true;

/** It only watches and says nothing; it says what to do; it does so itself. */
export const autopilotModes = ['observe', 'suggest', 'auto'] as const;
export type AutopilotMode = (typeof autopilotModes)[number];

/** What a config asks for. */
export const modeOf = (given: AutoExecute): AutopilotMode =>
  autopilotKinds.some((kind) => mayExecute(given, kind)) ? 'auto' : 'suggest';

/** What may be carried out when an operator has chosen a mode: in `auto` no more than the config names. */
export const executeIn = (mode: AutopilotMode | undefined, given: AutoExecute): AutoExecute => {
  if (mode === undefined) return given;
  return mode === 'auto' && (modeOf(given) === 'auto' ? given : true);
};

/** Advice that the autopilot would follow, and why it does not now. */
export type Held = {
  readonly recommendation: string;
  readonly service: string;
  readonly because: string;
};

/** In `forge advise --json`, when there is an autopilot. */
export type AutopilotReport = {
  readonly kinds: readonly AutopilotKind[];
  readonly held: readonly Held[];
};

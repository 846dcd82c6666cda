/** What the autopilot may carry out: migrations and investigations are a person's. */
export const autopilotKinds = ['scale', 'split', 'colocate'] as const;
export type AutopilotKind = (typeof autopilotKinds)[number];

/** All kinds, none, or those that are named. */
export type AutoExecute = boolean | Readonly<Partial<Record<AutopilotKind, boolean>>>;

export const mayExecute = (given: AutoExecute, kind: AutopilotKind): boolean =>
  typeof given === 'boolean' ? given : given[kind] === true;

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

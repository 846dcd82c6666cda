/** What the config file says otherwise than what runs. */
export type ConfigChange = Difference & {
  /** A reload cannot take it up: the app is to be stopped and started. */
  readonly needsStart?: true;
};

type Difference =
  | { readonly change: 'added' | 'removed'; readonly service: string }
  | {
      readonly change: 'changed';
      /** Absent: a setting of the app. */
      readonly service?: string;
      readonly key: string;
      /** Absent where the setting is. */
      readonly from?: unknown;
      readonly to?: unknown;
    };

/** Where it stands in the config. */
export const placeOf = (change: ConfigChange): string => {
  switch (change.change) {
    case 'added':
      return `${change.service} (new)`;
    case 'removed':
      return `${change.service} (removed)`;
    case 'changed':
      return change.service === undefined ? change.key : `${change.service}.${change.key}`;
  }
};

type Named = readonly { readonly name: string }[];

/** Which services a reload has brought and which it has ended, in words; none for none. */
export const comingsAndGoings = (before: Named, after: Named): string => {
  const missing = (from: Named, these: Named): readonly string[] =>
    these.map(({ name }) => name).filter((name) => !from.some((one) => one.name === name));
  const told = (names: readonly string[], what: string): readonly string[] =>
    names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
  return [
    ...told(missing(before, after), 'new in the config, and started'),
    ...told(missing(after, before), 'no more in the config, and stopped'),
  ].join('; ');
};

import type { Snapshot } from '../../protocol/control/messages.ts';

/** Service → when its bell was last rung, in milliseconds since the epoch. */
export type Rung = Readonly<Record<string, number>>;

export type Alerts = {
  /** Services that are critical now and were not rung for lately. */
  readonly ring: readonly string[];
  readonly rung: Rung;
};

/** A service that goes in and out of trouble rings once in this time. */
export const quietMs = 120_000;

/** Which services have become critical; the first picture rings for nothing that was so before. */
export const alertsOf = (rung: Rung | undefined, { status }: Snapshot): Alerts => {
  const now = Date.parse(status.at);
  const critical = status.services.filter(({ severity }) => severity === 'critical');
  const ring = critical
    .map(({ name }) => name)
    .filter((name) => rung !== undefined && now - (rung[name] ?? -quietMs) >= quietMs);
  const names = rung === undefined ? critical.map(({ name }) => name) : ring;
  return { ring, rung: { ...rung, ...Object.fromEntries(names.map((name) => [name, now])) } };
};

/** What the window is called: how bad it is, and which app. */
export const titleOf = (
  { status }: Snapshot,
  marks: { critical: string; warning: string },
): string => {
  const count = (severity: string): number =>
    status.services.filter((service) => service.severity === severity).length;
  const [critical, warning] = [count('critical'), count('warning')];
  const trouble = [
    ...(critical > 0 ? [`${marks.critical}${critical}`] : []),
    ...(warning > 0 ? [`${marks.warning}${warning}`] : []),
  ];
  return ['forge', ...trouble, status.app].join(' ');
};

export const severities = ['ok', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

const rank = { ok: 0, warning: 1, critical: 2 } as const satisfies Record<Severity, number>;

export const worst = (severities: readonly Severity[]): Severity =>
  severities.reduce<Severity>((a, b) => (rank[b] > rank[a] ? b : a), 'ok');

export const bySeverity = (a: Severity, b: Severity): number => rank[b] - rank[a];

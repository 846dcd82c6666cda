import type { AutopilotLimits } from '../../advisor/autopilot/limits.ts';
import type { Budget } from '../../protocol/allocation.ts';
import type { AutoExecute } from '../../protocol/autopilot.ts';
import type { HttpSettings } from '../../protocol/http.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import type { EnvFile, RemoteService, ServiceConfig } from '../../protocol/topology.ts';
import type { Bytes, Millis, Percent } from '../../protocol/units.ts';

export type AdvisorConfig = {
  readonly evaluationIntervalMs: Millis;
  readonly cooldownMs: Millis;
  readonly thresholds: Thresholds;
  readonly scaling: { readonly autoExecute: AutoExecute; readonly limits: AutopilotLimits };
};

export type SupervisorConfig = {
  /** Whether a worker starts the next supervisor when this one dies; not if systemd does. */
  readonly successor: boolean;
  /** How long workers serve without a supervisor before they end. */
  readonly orphanGraceMs: Millis;
};

export type ReloadConfig = {
  /** How long new workers are watched before the old ones go. */
  readonly bakeMs: Millis;
};

/** How much of the workers' output is kept, and for how long. */
export type LogsConfig = {
  /** A segment of the store ends at this size. */
  readonly maxSize: Bytes;
  readonly maxAge: Millis;
  /** Of all segments together. */
  readonly budget: Bytes;
  /** With less of the disk free than this, nothing is copied to the store. */
  readonly minFree: Percent;
};

/** What one `forge.config.ts` says: defaults filled in, paths absolute, names checked. */
export type AppConfig = {
  readonly app: string;
  readonly directory: string;
  readonly file: string;
  /** There is no config: `file` is the server that runs. */
  readonly isServer?: true;
  /** Those beside the config that set variables for all services, the weaker one first. */
  readonly envFiles?: readonly EnvFile[];
  readonly httpPort?: number;
  /** Started with `--http`: this port, whatever the file says. */
  readonly httpAsked?: number;
  readonly http: HttpSettings;
  readonly services: readonly ServiceConfig[];
  /** Started with `--only`: these and what they depend on, of all that the file has. */
  readonly only?: readonly string[];
  readonly remotes: readonly RemoteService[];
  readonly supervisor: SupervisorConfig;
  readonly reload: ReloadConfig;
  readonly advisor: AdvisorConfig;
  readonly logs: LogsConfig;
  /** What the machine had for the app when the config was read. */
  readonly budget: Budget;
};

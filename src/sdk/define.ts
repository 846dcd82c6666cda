import type { AutoExecute } from '../protocol/autopilot.ts';

/** A time or size as people write it: `'30s'`, `'2 min'`, `'512MB'`. */
type Text = string | number;

export type ServiceInput = {
  readonly entry?: string;
  readonly group?: string;
  readonly workers?:
    | number
    | 'auto'
    | { readonly min?: number; readonly max?: number; readonly initial?: number | 'auto' };
  /** Its part of the cores against other services whose workers are 'auto'; 1 unless given. */
  readonly weight?: number;
  readonly connects?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly memory?: { readonly limit?: Text };
  /** Instead of an entry: any program, which gets its own port in PORT if clients find it at one. */
  readonly command?: string;
  readonly cwd?: string;
  readonly port?: number;
  /** Of a command: the path that answers when it is ready. */
  readonly health?:
    | string
    | {
        /** An event loop that does not turn for so long gets no new calls; 1 s by default. */
        readonly blockedAfter?: Text;
        /** And after this its worker is replaced; 5 s by default. */
        readonly replaceAfter?: Text;
      };
  readonly timeouts?: { readonly start?: Text; readonly stop?: Text; readonly request?: Text };
  readonly type?: 'remote';
  readonly address?: string;
};

type LineInput = { readonly warning?: number; readonly critical?: number };

export type AppInput = {
  readonly app?: string;
  readonly http?: { readonly port?: number };
  readonly supervisor?: {
    /** Whether a worker starts the next supervisor when it dies; true by default. */
    readonly successor?: boolean;
    /** How long workers serve without a supervisor before they end; 60 s by default. */
    readonly orphanGrace?: Text;
  };
  readonly reload?: {
    /** How long new workers are watched after a reload before the old ones go; 30 s by default. */
    readonly bake?: Text;
  };
  readonly advisor?: {
    readonly evaluationIntervalMs?: number;
    readonly cooldownMs?: number;
    readonly thresholds?: {
      readonly cpu?: LineInput & { readonly scaleDown?: number };
      readonly latencyP99?: LineInput;
      readonly pending?: LineInput;
      readonly memory?: LineInput;
      readonly underutilized?: { readonly cpu?: number; readonly duration?: Text };
    };
    readonly scaling?: {
      /** What is done without asking: all, nothing (the default), or only what is named. */
      readonly autoExecute?: AutoExecute;
      readonly limits?: {
        readonly actionsPerHour?: number;
        /** Of all services together. */
        readonly workers?: number;
        readonly cores?: number;
        readonly memory?: Text;
      };
    };
  };
  readonly logs?: {
    readonly maxSize?: Text;
    readonly maxAge?: Text;
    readonly budget?: Text;
    /** Percent of the disk. */
    readonly minFree?: number;
  };
};

export type ConfigInput = AppInput & { readonly services: Readonly<Record<string, ServiceInput>> };

/** The content of a `forge.config.ts`, typed. It is checked when the app starts. */
export const defineServices = (
  services: Readonly<Record<string, ServiceInput>>,
  options: AppInput = {},
): ConfigInput => ({ services, ...options });

export const defineConfig = (config: ConfigInput): ConfigInput => config;

import type { AutoExecute } from '../protocol/autopilot.ts';
import type { CallInput } from '../protocol/call-policy.ts';
import type { Strategy } from '../protocol/topology.ts';

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
  /** Files with more of it, a later one winning over an earlier, and `env` over all of them. */
  readonly envFile?: string | readonly string[];
  readonly memory?: { readonly limit?: Text };
  /** Instead of an entry: a program of any kind. If it has a port, it is told its own in PORT. */
  readonly command?: string;
  readonly cwd?: string;
  /** Where clients find it beside the ingress: the workers of a service accept there themselves. */
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
  /** Method → how its calls are treated; under `*` what holds for all of them. Wins over the contract. */
  readonly calls?: Readonly<Record<string, CallInput>>;
  /** Module that exports `server` and `client`, lists of interceptors. */
  readonly interceptors?: string;
  readonly timeouts?: { readonly start?: Text; readonly stop?: Text; readonly request?: Text };
  readonly routing?: {
    /** How its callers choose among its workers; by two choices at random, 'p2c', by default. */
    readonly strategy?: Strategy;
    /** Another service that is on trial: it answers so many percent of the calls to this one. */
    readonly canary?: { readonly service: string; readonly percent: number };
  };
  readonly type?: 'remote';
  readonly address?: string;
};

export type HttpInput = {
  readonly port?: number;
  readonly tls?: {
    readonly certificates: readonly { readonly cert: string; readonly key: string }[];
    readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
    /** Browsers are told to come back over TLS only, for so long. */
    readonly hsts?: Text;
  };
  readonly http2?: boolean;
  /** Addresses and networks whose `X-Forwarded-*` and trace are believed. */
  readonly trustedProxies?: readonly string[];
  readonly cors?: {
    readonly origins: readonly string[];
    readonly methods?: readonly string[];
    readonly headers?: readonly string[];
    readonly expose?: readonly string[];
    readonly credentials?: boolean;
    readonly maxAge?: Text;
  };
  readonly securityHeaders?: boolean;
  readonly compression?: { readonly enabled?: boolean; readonly from?: Text };
  readonly mounts?: readonly {
    readonly path?: string;
    readonly directory: string;
    readonly host?: string;
    /** Answers pages that are no file, for applications that route by themselves. */
    readonly fallback?: string;
    /** Folder of the mount whose files never change under one name. */
    readonly immutable?: string;
  }[];
  readonly limits?: {
    readonly head?: Text;
    readonly url?: Text;
    readonly body?: Text;
    readonly upload?: Text;
    readonly headTime?: Text;
    readonly stall?: Text;
    readonly connections?: number;
  };
  readonly admission?: { readonly enabled?: boolean; readonly tolerance?: number };
  /** Which services other apps may call, and who those have to be; needs `auth`. */
  readonly calls?: {
    readonly services: readonly string[];
    readonly roles?: readonly string[];
    readonly scopes?: readonly string[];
  };
  /** Which requests get a line in the log; none by default. */
  readonly accessLog?: {
    readonly percent?: number;
    readonly failures?: boolean;
    readonly slowerThan?: Text;
  };
  /** Who signs the tokens that routes with `auth` ask for, and what they say. */
  readonly auth?: {
    readonly keys: string;
    readonly issuer: string;
    readonly audience: string;
    readonly leeway?: Text;
    readonly claims?: {
      readonly roles?: string;
      readonly scopes?: string;
      readonly tenant?: string;
    };
  };
  readonly admin?: { readonly port?: number; readonly host?: string };
};

type LineInput = { readonly warning?: number; readonly critical?: number };

export type AppInput = {
  readonly app?: string;
  readonly http?: HttpInput;
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
      readonly errors?: LineInput;
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

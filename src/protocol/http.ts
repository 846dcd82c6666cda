import type { RouteAuth } from './contract.ts';
import { type Bytes, bytes, type Millis, megabytes, seconds } from './units.ts';

/** Files that hold a certificate with its chain, and the key that belongs to it. */
export type CertificateFiles = { readonly cert: string; readonly key: string };

export type TlsSettings = {
  /** The first one is for clients that name no host. */
  readonly certificates: readonly CertificateFiles[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Browsers are told to come back over TLS only, for so long. */
  readonly hsts?: Millis;
};

export type CorsSettings = {
  /** Origins whose pages may read answers; `*` for all. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Headers that a page may send beside the harmless ones. */
  readonly headers: readonly string[];
  /** Headers of an answer that a page may read beside the harmless ones. */
  readonly expose: readonly string[];
  readonly credentials: boolean;
  readonly maxAge: Millis;
};

/** A folder whose files are served below a path. */
export type Mount = {
  /** Begins with a slash and ends with none, but for `/` itself. */
  readonly path: string;
  readonly directory: string;
  /** Only for this host; all hosts when absent. */
  readonly host?: string;
  /** A page that is no file is answered with this one, for applications that route by themselves. */
  readonly fallback?: string;
  /** Folder of the mount whose files never change under one name. */
  readonly immutable?: string;
};

export type HttpLimits = {
  readonly head: Bytes;
  readonly url: Bytes;
  /** Of a contract route, which is read as a whole. */
  readonly body: Bytes;
  /** Of a raw route or a command, which is passed on as it comes; none when absent. */
  readonly upload?: Bytes;
  readonly headTime: Millis;
  readonly stall: Millis;
  readonly connections: number;
};

export type AdmissionSettings = {
  readonly enabled: boolean;
  /** How many times its usual latency a service may take before requests are refused. */
  readonly tolerance: number;
};

/** Which requests get a line in the log. */
export type AccessLogSettings = {
  /** So many of a hundred; these and the others below. */
  readonly percent: number;
  /** All that were answered with 5xx. */
  readonly failures: boolean;
  /** All that took longer. */
  readonly slowerThan?: Millis;
};

/** How it is told by a token who sends a request. */
export type AuthSettings = {
  /** File or address of the public keys of who signs tokens. */
  readonly keys: string;
  readonly issuer: string;
  readonly audience: string;
  /** How far the clocks of the two may be apart. */
  readonly leeway: Millis;
  /** Where in a token it says what its bearer may. */
  readonly claims: Readonly<Record<'roles' | 'scopes' | 'tenant', string>>;
};

/** What other apps may call here, as methods and not as routes, and who they have to be. */
export type CallsSettings = RouteAuth & { readonly services: readonly string[] };

/** How the ingress serves, apart from its port. */
export type HttpSettings = {
  readonly tls?: TlsSettings;
  readonly http2: boolean;
  /** Addresses and networks whose `X-Forwarded-*` and trace are believed. */
  readonly trustedProxies: readonly string[];
  readonly cors?: CorsSettings;
  readonly securityHeaders: boolean;
  readonly compression: { readonly enabled: boolean; readonly from: Bytes };
  readonly mounts: readonly Mount[];
  readonly limits: HttpLimits;
  readonly admission: AdmissionSettings;
  readonly auth?: AuthSettings;
  readonly calls?: CallsSettings;
  /** None is written when absent. */
  readonly accessLog?: AccessLogSettings;
  /** Where the supervisor answers for health, readiness and metrics. */
  readonly admin?: { readonly port: number; readonly host: string };
};

export const defaultHttp: HttpSettings = {
  http2: false,
  trustedProxies: [],
  securityHeaders: true,
  compression: { enabled: true, from: bytes(1_024) },
  mounts: [],
  limits: {
    head: bytes(16 * 1_024),
    url: bytes(8 * 1_024),
    body: megabytes(1),
    headTime: seconds(5),
    stall: seconds(3),
    connections: 10_000,
  },
  admission: { enabled: false, tolerance: 2 },
};

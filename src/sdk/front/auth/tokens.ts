import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AuthSettings } from '../../../protocol/http.ts';
import type { Auth } from '../../../protocol/rpc/carried.ts';
import { Recent } from '../../interceptors/recent.ts';
import { KeySource } from './key-source.ts';
import { tokenProblem } from './token-shape.ts';
import { algorithms } from './usable-keys.ts';

/** Whose token it is, as its signature proves. */
export type Identity = { readonly auth: Auth; readonly tenant?: string };

type Known = { readonly identity: Identity; readonly keys: unknown; readonly expiresAt: number };

/** To check a signature costs more than all else that an ingress does with a request. */
const mostKnown = 1_000;

export class TokenInvalid extends Error {}

/** Tells by a token who sends a request. */
export class Tokens {
  readonly #settings: AuthSettings;
  readonly #source: KeySource;
  readonly #known = new Recent<Known>(mostKnown);

  constructor(settings: AuthSettings) {
    this.#settings = settings;
    this.#source = new KeySource(settings.keys);
  }

  /** Looks for the keys before there is a token; that they cannot be had is said where they are read. */
  async prepare(): Promise<void> {
    await this.#source.keys().catch(() => undefined);
  }

  /** Rejects with `TokenInvalid`, or with 503 when there is nothing to check it with. */
  async identify(token: string): Promise<Identity> {
    const keys = await this.#source.keys();
    const known = this.#known.get(token);
    // A key that was taken away takes along what it had signed.
    if (known !== undefined && known.keys === keys && known.expiresAt > Date.now()) {
      return known.identity;
    }
    const problem = tokenProblem(token);
    if (problem !== undefined) throw new TokenInvalid(problem);
    const payload = await this.#verify(token, keys);
    const identity = identityOf(payload, this.#settings.claims);
    const expiresAt = (payload.exp ?? 0) * 1_000 + this.#settings.leeway;
    this.#known.set(token, { identity, keys, expiresAt });
    return identity;
  }

  async #verify(token: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    try {
      return await this.#verifyWith(token, keys);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw toInvalid(error);
      const newer = await this.#source.newer();
      return this.#verifyWith(token, newer).catch((again) => Promise.reject(toInvalid(again)));
    }
  }

  async #verifyWith(token: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    const { issuer, audience, leeway } = this.#settings;
    const { payload } = await jwtVerify(token, keys, {
      algorithms,
      issuer,
      audience,
      clockTolerance: leeway / 1_000,
      requiredClaims: ['exp', 'sub'],
    });
    return payload;
  }
}

const toInvalid = (cause: unknown): unknown =>
  cause instanceof errors.JOSEError ? new TokenInvalid(cause.message, { cause }) : cause;

const identityOf = (payload: JWTPayload, claims: AuthSettings['claims']): Identity => {
  const { sub } = payload;
  const tenant = claimIn(payload, claims.tenant);
  if (!isText(sub)) throw new TokenInvalid('names nobody');
  return {
    auth: {
      sub,
      roles: textsOf(claimIn(payload, claims.roles)),
      scopes: textsOf(claimIn(payload, claims.scopes)),
    },
    ...(isText(tenant) ? { tenant } : {}),
  };
};

/** A claim of this name, or, as in `realm_access.roles`, one within another. */
const claimIn = (payload: JWTPayload, name: string): unknown => {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split('.').reduce<unknown>((at, key) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    return (at as Readonly<Record<string, unknown>>)[key];
  }, payload);
};

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 256;

const mostTexts = 64;

/** A list of texts, or one text with blanks between them. */
const textsOf = (value: unknown): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : String(value ?? '').split(' ');
  return list.filter(isText).slice(0, mostTexts);
};

import type { JWK } from 'jose';

/** Only public keys: who can check with a secret can sign with it. */
export const algorithms = [
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];

type UsableKey = JWK & { readonly alg: string };

const leastModulusBytes = 256;

const usualAlgorithms: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/** Of a set of keys those that may check a token, each for one algorithm. */
export const usableKeys = (set: unknown): readonly UsableKey[] => {
  const { keys } = (set ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('it is no set of keys');
  const usable = (keys as readonly unknown[]).flatMap((key) => usableKey(key) ?? []);
  if (usable.length === 0) throw new Error('it has no public key that can check a signature');
  return usable;
};

const usableKey = (value: unknown): UsableKey | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  // What else stands in it the library checks when it imports the key.
  const key = value as JWK;
  if (key.d !== undefined || key.k !== undefined) throw new Error('it has a key that is secret');
  const alg = key.alg ?? (key.kty === 'RSA' ? 'RS256' : usualAlgorithms[String(key.crv)]);
  if (alg === undefined || !algorithms.includes(alg)) return undefined;
  return key.kty === 'RSA' && modulusBytes(key) < leastModulusBytes ? undefined : { ...key, alg };
};

const modulusBytes = ({ n }: JWK): number => Buffer.from(String(n), 'base64url').length;

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';

export const issuer = 'https://login.example';
export const audience = 'shop';

export type Signer = {
  readonly publicKey: JWK;
  readonly secret: CryptoKey;
  /** A token of ada for an hour, but for this; a claim that is `undefined` is left out. */
  readonly sign: (claims?: object, header?: Partial<JWTHeaderParameters>) => Promise<string>;
};

export const newSigner = async (kid: string, alg = 'ES256'): Promise<Signer> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const seconds = Math.floor(Date.now() / 1_000);
  const usual = { iss: issuer, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 3_600 };
  return {
    publicKey: { ...(await exportJWK(publicKey)), kid, alg },
    secret: privateKey,
    sign: (claims = {}, header = {}) =>
      new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey),
  };
};

export type KeyFile = Disposable & {
  readonly file: string;
  readonly write: (keys: readonly object[]) => void;
};

export const keyFile = (keys: readonly object[]): KeyFile => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  const file = join(directory, 'jwks.json');
  const write = (next: readonly object[]): void =>
    writeFileSync(file, JSON.stringify({ keys: next }));
  write(keys);
  return { file, write, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
};

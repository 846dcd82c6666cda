import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bytesOf, type Packed, packValue } from '../wire/payload.ts';

/**
 * Who this process is to those that it calls: a key pair that lives as long as it does. The supervisor
 * makes the public half known to all; the other half never leaves.
 */
export class Credential {
  readonly publicKey: string;
  readonly #privateKey: KeyObject;
  readonly #workerId: string;

  constructor(workerId: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.publicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.#privateKey = privateKey;
    this.#workerId = workerId;
  }

  /** Good for the one that answers there, who cannot pass it off as its own anywhere else. */
  introduction(rpcPath: string): Packed {
    const proof = sign(null, statementOf(this.#workerId, rpcPath), this.#privateKey);
    const bytes = bytesOf(packValue([this.#workerId, proof]));
    return Object.assign(bytes, { start: 0, end: bytes.length });
  }
}

/** What is signed; the place where a worker answers is its own in each of its incarnations. */
export const statementOf = (workerId: string, rpcPath: string): Buffer =>
  Buffer.from(`forge link\0${workerId}\0${rpcPath}`);

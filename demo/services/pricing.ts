import { createHash } from 'node:crypto';

export type Item = { readonly sku: string; readonly count: number };

const rounds = 9_000;

/** Signs an order and scores it for fraud: plain computation, several milliseconds of it. */
export const scoreOrder = (userId: number, items: readonly Item[]): string => {
  let digest = JSON.stringify([userId, items]);
  for (let round = 0; round < rounds; round += 1) {
    digest = createHash('sha256').update(digest).digest('hex');
  }
  return digest;
};

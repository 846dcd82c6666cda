import { constants, zstdCompressSync } from 'node:zlib';

const roomAtLeast = 256;
const roomAtMost = 16_384;

/**
 * By the one codec that all of the history uses: each other one keeps 1.5 MB of memory. Told what
 * comes, it takes tables and room for that alone: the usual 16 kB for each of a few hundred bytes,
 * three times a second, were 3 MB a minute that stayed until the next collection.
 */
export const compressed = (text: string, level: number): Buffer => {
  const bytes = Buffer.from(text);
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    pledgedSrcSize: bytes.length,
    chunkSize: Math.min(roomAtMost, Math.max(roomAtLeast, bytes.length)),
  });
};

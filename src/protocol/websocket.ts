/** As much of RFC 6455 as it takes to say goodbye on a socket that someone else speaks on. */
export const closeCodes = { goingAway: 1001, serviceRestart: 1012 } as const;

export const isWebSocket = (upgrade: string | undefined): boolean =>
  upgrade?.toLowerCase() === 'websocket';

/** A close frame as a server sends it: unmasked, with a code and no reason. */
export const closeFrame = (code: number): Buffer =>
  Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);

/** Follows the frames that pass, so that one of ours can be put between two of them. */
export class FrameTracker {
  /** The header that is not complete yet. */
  #header: readonly number[] = [];
  #payloadLeft = 0;

  get isBetweenFrames(): boolean {
    return this.#header.length === 0 && this.#payloadLeft === 0;
  }

  /** Takes what was sent; says where in it the first frame ends, if one does. */
  push(chunk: Uint8Array): number | undefined {
    let firstEnd: number | undefined;
    let at = 0;
    while (at < chunk.length) {
      at += this.#payloadLeft > 0 ? this.#skip(chunk.length - at) : this.#take(chunk[at] ?? 0);
      if (this.isBetweenFrames) firstEnd ??= at;
    }
    return firstEnd;
  }

  #skip(available: number): number {
    const length = Math.min(available, this.#payloadLeft);
    this.#payloadLeft -= length;
    return length;
  }

  #take(byte: number): number {
    this.#header = [...this.#header, byte];
    if (this.#header.length === headerLength(this.#header)) {
      this.#payloadLeft = payloadLength(this.#header);
      this.#header = [];
    }
    return 1;
  }
}

const lengthBytes = (second: number): number =>
  (second & 0x7f) === 127 ? 8 : (second & 0x7f) === 126 ? 2 : 0;

const headerLength = ([, second]: readonly number[]): number => {
  if (second === undefined) return 2;
  return 2 + lengthBytes(second) + ((second & 0x80) === 0 ? 0 : 4);
};

const payloadLength = ([, second = 0, ...rest]: readonly number[]): number => {
  const extended = rest.slice(0, lengthBytes(second));
  return extended.length === 0
    ? second & 0x7f
    : extended.reduce((length, byte) => length * 256 + byte, 0);
};

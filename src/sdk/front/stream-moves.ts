import type { ServerHttp2Stream } from 'node:http2';

/** What went to and fro on a stream of HTTP/2; of sockets Node tells it itself. */
export type Moves = {
  /** Writes that its client has taken. */
  readonly taken: number;
  /** Bytes of its body. */
  readonly sent: number;
};

type Count = { -readonly [K in keyof Moves]: Moves[K] };
type Done = (error?: Error | null) => void;

const counts = new WeakMap<object, Count>();

export const countMoves = (stream: ServerHttp2Stream): void => {
  const count: Count = { taken: 0, sent: 0 };
  counts.set(stream, count);
  const { push, _write: write, _writev: writev } = stream;
  const counted = (done: Done): Done => {
    return (error) => {
      count.taken += 1;
      done(error);
    };
  };
  // A listener for data would set the body flowing before its reader is there.
  stream.push = (chunk: Buffer | null, encoding) => {
    count.sent += chunk?.length ?? 0;
    return push.call(stream, chunk, encoding);
  };
  stream._write = (chunk, encoding, done) => write.call(stream, chunk, encoding, counted(done));
  stream._writev = (chunks, done) => writev?.call(stream, chunks, counted(done));
};

const none: Moves = { taken: 0, sent: 0 };

export const movesOf = (stream: object): Moves => counts.get(stream) ?? none;

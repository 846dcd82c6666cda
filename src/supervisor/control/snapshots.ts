import type { ServerMessage, Snapshot } from '../../protocol/control/messages.ts';
import { withLastPoints } from '../../protocol/control/points.ts';
import { encodeLine } from '../../protocol/json-lines.ts';

/** Shorter than the pause between two snapshots to one client: none is sent the same one twice. */
const sharedForMs = 100;

/** One snapshot for everybody who watches: it is put into bytes once, and all are sent the same ones. */
export class SharedSnapshot {
  readonly points: number | undefined;
  readonly #snapshot: Snapshot;
  readonly #messages = new Map<number | undefined, Buffer>();
  #json: Buffer | undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.points = snapshot.points;
  }

  /** The answer to whoever begins to watch. */
  reply(id: number): Buffer {
    this.#json ??= Buffer.from(JSON.stringify(this.#snapshot));
    return Buffer.concat([
      Buffer.from(`{"type":"reply","id":${id},"result":`),
      this.#json,
      Buffer.from('}\n'),
    ]);
  }

  /** What follows, with no more of the histories than so many new points if a number is given. */
  message(newPoints?: number): Buffer {
    const known = this.#messages.get(newPoints);
    if (known !== undefined) return known;
    const encoded = Buffer.from(encodeLine(messageOf(this.#snapshot, newPoints)));
    this.#messages.set(newPoints, encoded);
    return encoded;
  }
}

const messageOf = (snapshot: Snapshot, newPoints: number | undefined): ServerMessage =>
  newPoints === undefined
    ? { type: 'snapshot', snapshot }
    : { type: 'snapshot', snapshot: withLastPoints(snapshot, newPoints), newPoints: true };

/** What those who watch are sent: made when the first asks, and the same for all who ask with it. */
export class Snapshots {
  readonly #make: () => Promise<Snapshot>;
  #latest: Promise<SharedSnapshot> | undefined;
  #madeAt = 0;

  constructor(make: () => Promise<Snapshot>) {
    this.#make = make;
  }

  latest(): Promise<SharedSnapshot> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#madeAt >= sharedForMs) {
      this.#madeAt = now;
      this.#latest = this.#make().then((snapshot) => new SharedSnapshot(snapshot));
      // Whoever asks next is to have another try.
      this.#latest.catch(() => this.forget());
    }
    return this.#latest;
  }

  /** Something was changed: whoever changed it is to see it in the next one. */
  forget(): void {
    this.#latest = undefined;
  }
}

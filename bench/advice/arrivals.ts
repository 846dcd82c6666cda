import { Agent, get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

export type Stream = { readonly path: string; readonly perSecond: number };

export type Answer = { readonly path: string; readonly at: number; readonly tookMs: number };

export type Arrivals = AsyncDisposable & {
  readonly failed: () => number;
  /** All of them, as they came; times are those of `performance.now`. */
  readonly answers: readonly Answer[];
};

/** Open loop and Poisson: requests leave when they are due, however slow the answers are. */
export const startArrivals = (origin: string, streams: readonly Stream[]): Arrivals => {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_048 });
  const ending = new AbortController();
  const answers: Answer[] = [];
  let failed = 0;
  const shoot = (path: string): void => {
    const sentAt = performance.now();
    const request = get(`${origin}${path}`, { agent }, (response) => {
      if ((response.statusCode ?? 500) >= 400) failed += 1;
      const at = performance.now();
      answers.push({ path, at, tookMs: at - sentAt });
      response.resume();
    });
    request.on('error', () => {
      if (!ending.signal.aborted) failed += 1;
    });
  };
  const running = streams.map((stream) => arrive(stream, shoot, ending.signal));
  return {
    failed: () => failed,
    answers,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all(running);
      agent.destroy();
    },
  };
};

const arrive = async (
  { path, perSecond }: Stream,
  shoot: (path: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let dueAt = performance.now();
  while (perSecond > 0 && !signal.aborted) {
    dueAt += (-Math.log(1 - Math.random()) * 1_000) / perSecond;
    const wait = dueAt - performance.now();
    if (wait > 1) await after(wait);
    if (!signal.aborted) shoot(path);
  }
};

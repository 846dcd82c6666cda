import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** What one client does, again and again, until the traffic ends. */
export type ClientKind =
  | 'keep-alive'
  | 'new-connection'
  | 'download'
  | 'upload'
  | 'events'
  | 'websocket';

export type ClientPlan = {
  readonly kind: ClientKind;
  readonly path: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** How many such clients there are; each waits for its answer before it asks again. */
  readonly clients: number;
  /** Pause between two requests of a client; 0 is as fast as it can. */
  readonly pauseMs?: number;
};

export type TrafficSummary = {
  /** Exchanges that ended as they should, by kind of client. */
  readonly done: Readonly<Partial<Record<ClientKind, number>>>;
  readonly failed: number;
  /** `kind path code message` → how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** WebSockets that were asked to open again elsewhere, and event streams that ended cleanly. */
  readonly moved: number;
  readonly slowestMs: number;
};

export type Traffic = AsyncDisposable & {
  readonly summary: () => TrafficSummary;
  /** How long each answer of this path took so far, the oldest first. */
  readonly tookMs: (path: string) => readonly number[];
  /** Resolves when so many exchanges more have been completed. */
  readonly after: (exchanges: number) => Promise<void>;
  /** Lets every exchange come to its end, and gives what was counted. */
  readonly stop: () => Promise<TrafficSummary>;
};

const timeLimitMs = 5_000;
/** Without a pause the clients fill the machine, and what they watch has to wait for them. */
const usualPauseMs = 25;

class Counter {
  readonly done = new Map<ClientKind, number>();
  readonly failures = new Map<string, number>();
  readonly tookMs = new Map<string, number[]>();
  readonly #watchers = new Set<() => void>();
  total = 0;
  failed = 0;
  moved = 0;
  slowestMs = 0;

  add({ kind, path }: ClientPlan, tookMs: number): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    const took = this.tookMs.get(path) ?? [];
    this.tookMs.set(path, took);
    took.push(tookMs);
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    this.#count();
  }

  fail(kind: ClientKind, reason: string): void {
    const name = `${kind} ${reason}`;
    this.failed += 1;
    this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
    this.#count();
  }

  after(exchanges: number): Promise<void> {
    const goal = this.total + exchanges;
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.total < goal) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
    });
  }

  summary(): TrafficSummary {
    return {
      done: Object.fromEntries(this.done),
      failed: this.failed,
      failures: Object.fromEntries(this.failures),
      moved: this.moved,
      slowestMs: Math.round(this.slowestMs),
    };
  }

  #count(): void {
    this.total += 1;
    for (const check of this.#watchers) check();
  }
}

/** Closed-loop clients of several kinds against one address. None of them ever tries again. */
export const startTraffic = (origin: string, plans: readonly ClientPlan[]): Traffic => {
  const counter = new Counter();
  const ending = new AbortController();
  const clients = plans.flatMap((plan) =>
    Array.from({ length: plan.clients }, () => run({ origin, plan, counter }, ending.signal)),
  );
  const stop = async (): Promise<TrafficSummary> => {
    ending.abort();
    await Promise.all(clients);
    return counter.summary();
  };
  return {
    summary: () => counter.summary(),
    tookMs: (path) => [...(counter.tookMs.get(path) ?? [])],
    after: (exchanges) => counter.after(exchanges),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
};

type Run = { readonly origin: string; readonly plan: ClientPlan; readonly counter: Counter };
type Exchange = Run & { readonly agent: Agent; readonly ending: AbortSignal };

const exchanges: Readonly<Record<ClientKind, (exchange: Exchange) => Promise<void>>> = {
  'keep-alive': async (exchange) => void (await ask(exchange)),
  'new-connection': async (exchange) => void (await ask(exchange)),
  download: async (exchange) => {
    const text = await ask(exchange);
    if (text.length !== 30 * 1024) throw new Error(`${text.length} bytes`);
  },
  upload: async (exchange) => {
    const { bytes } = JSON.parse(await ask(exchange, slowBody())) as { readonly bytes: number };
    if (bytes !== 10 * 1024) throw new Error(`${bytes} bytes`);
  },
  events: (exchange) => listen(exchange),
  websocket: (exchange) => talk(exchange),
};

const run = async (parts: Run, ending: AbortSignal): Promise<void> => {
  const { kind, pauseMs = usualPauseMs } = parts.plan;
  const agent = new Agent({ keepAlive: kind === 'keep-alive', maxSockets: 1 });
  while (!ending.aborted) {
    const startedAt = performance.now();
    try {
      await exchanges[kind]({ ...parts, agent, ending });
      parts.counter.add(parts.plan, performance.now() - startedAt);
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      parts.counter.fail(kind, `${parts.plan.path} ${code} ${message}`);
    }
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
  agent.destroy();
};

/** One request and its whole answer; anything but success throws. */
const ask = async (exchange: Exchange, body?: AsyncIterable<string>): Promise<string> => {
  const response = await open(exchange, body);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const status = response.statusCode ?? 0;
  if (status >= 400) throw new Error(`HTTP ${status}: ${text}`);
  return text;
};

const open = (
  { origin, plan, agent }: Exchange,
  body?: AsyncIterable<string>,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const method = plan.method ?? (body === undefined ? 'GET' : 'POST');
    const outbound = request(`${origin}${plan.path}`, { agent, method, timeout: timeLimitMs });
    outbound.on('response', resolve);
    outbound.on('error', reject);
    outbound.on('timeout', () => outbound.destroy(new Error('timeout')));
    void send(outbound, body);
  });

const send = async (
  outbound: ReturnType<typeof request>,
  body: AsyncIterable<string> | undefined,
): Promise<void> => {
  for await (const chunk of body ?? []) if (outbound.writable) outbound.write(chunk);
  outbound.end();
};

/** A kilobyte every 10 ms, ten times. */
async function* slowBody(): AsyncGenerator<string> {
  for (let chunk = 0; chunk < 10; chunk += 1) {
    yield '.'.repeat(1024);
    await setTimeout(10);
  }
}

/** Reads events until the stream ends cleanly or the traffic does; a stream that is cut throws. */
const listen = async (exchange: Exchange): Promise<void> => {
  const response = await open(exchange);
  if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
  let events = 0;
  for await (const chunk of response.setEncoding('utf8')) {
    events += String(chunk).split('data: ').length - 1;
    if (exchange.ending.aborted) return;
  }
  if (events === 0) throw new Error('no event');
  exchange.counter.moved += 1;
};

/** Echoes until it is asked to go elsewhere or the traffic ends; any other end throws. */
const talk = async ({ origin, plan, counter, ending }: Exchange): Promise<void> => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${plan.path}`);
  let said = 0;
  const ended = new Promise<void>((resolve, reject) => {
    const say = (): void => {
      said += 1;
      if (ending.aborted) socket.close(1000);
      else socket.send(String(said));
    };
    socket.on('open', say);
    socket.on('message', (data) => {
      if (String(data) !== String(said)) reject(new Error('wrong echo'));
      setTimeout(10).then(say, reject);
    });
    socket.on('error', reject);
    socket.on('close', (code) => {
      if (code === 1012 || code === 1001) counter.moved += 1;
      else if (code !== 1000) reject(new Error(`closed with ${code}`));
      resolve();
    });
  });
  await ended;
};

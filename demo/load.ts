import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Phase, parsePhases, type Rates, ratesOf } from './load/phases.ts';
import { startProvider } from './load/provider.ts';
import { Tally } from './load/tally.ts';
import { scoreOrder } from './services/pricing.ts';

/** Open loop: requests leave when they are due, however slow the answers are. */
const { values } = parseArgs({
  options: {
    http: { type: 'string', default: '3000' },
    provider: { type: 'string', default: '3999' },
    phases: { type: 'string', default: 'calm:10,rush:40,noisy:40,slow:40,night:60' },
    forever: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const agent = new Agent({ keepAlive: true, maxSockets: 1_024 });
const tally = new Tally();
const origin = performance.now();
const startedAt = new Date().toISOString();
/** When each phase began, so that what follows from it can be timed. */
const begun: { readonly name: string; readonly at: string }[] = [];
let ended = false;

type Shot = { readonly method: string; readonly path: string; readonly body?: object };

const anyOf = (count: number): number => 1 + Math.floor(Math.random() * count);

const shots: Readonly<Record<Exclude<keyof Rates, 'providerMs'>, () => Shot>> = {
  orders: () => ({
    method: 'POST',
    path: '/orders',
    body: { userId: anyOf(6), items: [{ sku: 'tea', count: anyOf(9) }] },
  }),
  pages: () => ({ method: 'GET', path: `/shop/${anyOf(6)}` }),
  searches: () => ({ method: 'GET', path: '/search?q=tea' }),
  thumbnails: () => ({ method: 'GET', path: `/thumbnails/${anyOf(90)}` }),
};

/** Latency counts from when the request was due, so that a late start is not hidden. */
const shoot = ({ method, path, body }: Shot, dueAt: number): void => {
  tally.sent += 1;
  const done = (failure?: string): void =>
    tally.add(dueAt - origin, performance.now() - dueAt, failure);
  const outbound = request(
    { host: '127.0.0.1', port: Number(values.http), agent, method, path, timeout: 30_000 },
    (response) => {
      const status = response.statusCode ?? 500;
      response.resume();
      response.on('end', () => done(status < 400 ? undefined : String(status)));
      response.on('error', () => done('cut off'));
    },
  );
  outbound.setHeader('content-type', 'application/json');
  outbound.on('timeout', () => outbound.destroy());
  outbound.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  outbound.end(body === undefined ? undefined : JSON.stringify(body));
};

/** Poisson arrivals of one kind until the end of the phase. */
const arrivals = async (
  kind: keyof typeof shots,
  perSecond: number,
  until: number,
): Promise<void> => {
  let dueAt = performance.now();
  while (perSecond > 0 && !ended) {
    dueAt += (-Math.log(1 - Math.random()) * 1_000) / perSecond;
    if (dueAt > until) return;
    const wait = dueAt - performance.now();
    if (wait > 1) await after(wait);
    shoot(shots[kind](), dueAt);
  }
};

/**
 * CPU that one order costs on this machine, so that the rush is one on any machine. Not the time
 * it takes: another program that runs meanwhile is no reason to send fewer orders.
 */
const measureOrder = (): number => {
  const before = process.threadCpuUsage();
  const until = performance.now() + 500;
  let count = 0;
  for (; performance.now() < until || count < 50; count += 1) {
    scoreOrder(count, [{ sku: 'tea', count }]);
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000 / count;
};

const run = async ({ name, seconds }: Phase, orderMs: number): Promise<void> => {
  const rates = ratesOf(name, orderMs);
  provider.delayMs = rates.providerMs;
  begun.push({ name, at: new Date().toISOString() });
  const until = performance.now() + seconds * 1_000;
  if (!values.json)
    process.stdout.write(`${name} ${seconds} s, ${rates.orders.toFixed(0)} orders/s\n`);
  const kinds = Object.keys(shots) as (keyof typeof shots)[];
  await Promise.all(kinds.map((kind) => arrivals(kind, rates[kind], until)));
};

const finish = (): void => {
  if (ended) return;
  ended = true;
  agent.destroy();
  process.stdout.write(`${JSON.stringify({ startedAt, phases: begun, ...tally.summary() })}\n`);
  process.exit(tally.failed === 0 ? 0 : 1);
};

process.once('SIGINT', finish);
process.once('SIGTERM', finish);

using provider = startProvider(Number(values.provider));
const orderMs = measureOrder();
const phases = parsePhases(values.phases);
do {
  for (const phase of phases) if (!ended) await run(phase, orderMs);
} while (values.forever && !ended);
finish();

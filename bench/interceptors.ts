/**
 * What context, deadline, metrics and the default interceptors cost a call. Both sides copy
 * arguments and answer; the floor does nothing else. Prints medians of rounds that
 * take turns in processes of their own; exits 1 above the bound.
 */
import { execFileSync } from 'node:child_process';
import { now } from '../src/sdk/rpc/calls.ts';
import { copyOf } from '../src/sdk/rpc/copy/copy.ts';
import { Service } from '../src/sdk/service.ts';
import { startApp } from '../src/sdk/testing/index.ts';
import { meterContinuations } from '../src/sdk/worker/slices.ts';

const boundUs = 3;
const rounds = 5;
const calls = 100_000;
const atATime = 64;
const answer = {
  id: 7,
  name: 'Ada',
  mail: 'ada@example.com',
  roles: ['a', 'b'],
  text: 'x'.repeat(120),
};

class Users extends Service {
  static readonly contract = { expose: ['get'] };
  get(_id: number): object {
    return answer;
  }
}

class Orders extends Service {
  declare readonly users: { readonly get: (id: number) => Promise<unknown> };
}

type Ask = (id: number) => Promise<unknown>;

const floor = (): Ask => {
  const users = new Users();
  return async (id) => copyOf(await users.get(Number(copyOf(id))));
};

const full = async (): Promise<Ask> => {
  meterContinuations();
  const app = await startApp({ users: Users, orders: Orders });
  const { users } = app.service<Orders>('orders');
  return (id) => users.get(id);
};

/** Microseconds of CPU a call, so many of them under way at a time. */
const measure = async (ask: Ask): Promise<number> => {
  const run = async (count: number): Promise<void> => {
    const lane = async (): Promise<void> => {
      for (let each = 0; each < count / atATime; each += 1) await ask(each);
    };
    await Promise.all(Array.from({ length: atATime }, lane));
  };
  await run(calls / 4);
  const before = process.cpuUsage();
  await run(calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const compare = (): void => {
  const one = (side: string): number =>
    Number(execFileSync(process.execPath, [import.meta.filename, side], { encoding: 'utf8' }));
  const floors: number[] = [];
  const fulls: number[] = [];
  const startedAt = now();
  for (let round = 0; round < rounds; round += 1) {
    floors.push(one('floor'));
    fulls.push(one('full'));
  }
  const cost = median(fulls.map((each, index) => each - (floors[index] ?? 0)));
  const lines = [
    `floor (copies only)  ${median(floors).toFixed(2)} µs a call`,
    `all defaults         ${median(fulls).toFixed(2)} µs a call, ${(median(fulls) / median(floors)).toFixed(2)} × the floor`,
    `context, deadline, metrics, bulkhead: ${cost.toFixed(2)} µs a call (bound ${boundUs} µs)`,
    `${rounds} rounds of ${calls} calls each, ${Math.round((now() - startedAt) / 1_000)} s`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = cost <= boundUs ? 0 : 1;
};

const [, , side] = process.argv;
if (side === undefined) compare();
else process.stdout.write(String(await measure(side === 'floor' ? floor() : await full())));

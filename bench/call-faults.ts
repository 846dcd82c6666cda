/** What a caller notices of a callee that is killed, and of one that does not read for 5 s. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { answerElsewhere, callerOf } from '../test/helpers/rpc.ts';

const kills = Number(process.argv[2] ?? 50);
const pendingCalls = 500;

const at = (sorted: Float64Array, share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);

/** How long after SIGKILL the last of many pending calls had failed. */
const timeKill = async (): Promise<number> => {
  await using callee = await answerElsewhere();
  using caller = callerOf([callee]);
  await caller.call('pid');
  const calls = Array.from({ length: pendingCalls }, () => caller.call('never'));
  const failed = Promise.allSettled(calls);
  await caller.call('pid');
  const killedAt = performance.now();
  const killed = callee.kill();
  await failed;
  const took = performance.now() - killedAt;
  await killed;
  return took;
};

/** The same for a bare socket without a call: what the system itself takes, on a busy machine too. */
const timeBareKill = async (): Promise<number> => {
  await using callee = await answerElsewhere();
  const socket = connect(callee.path);
  await once(socket, 'connect');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined).resume();
  const killedAt = performance.now();
  const killed = callee.kill();
  await closed;
  const took = performance.now() - killedAt;
  await killed;
  return took;
};

const perMs = 10;
const blockedMs = 5_000;

/** Offers 10,000 calls a second, whatever becomes of them. */
const timeBlocked = async (): Promise<void> => {
  await using callee = await answerElsewhere();
  using caller = callerOf([callee], { requestTimeoutMs: 1_000 });
  await caller.call('pid');
  const refused: number[] = [];
  const outcomes: Record<string, number> = {};
  const args = ['x'.repeat(1_024)];
  const ask = async (): Promise<void> => {
    const askedAt = performance.now();
    const code = await caller.call('echo', { args }).then(
      () => 'ANSWERED',
      (error: { readonly code: string }) => error.code,
    );
    outcomes[code] = (outcomes[code] ?? 0) + 1;
    if (code === 'RESOURCE_EXHAUSTED') refused.push(performance.now() - askedAt);
  };
  for (let warm = 0; warm < 2_000; warm += 1) await ask();
  const before = process.memoryUsage.rss();
  let most = before;
  const blocked = caller.call('block', { args: [blockedMs], deadlineMs: 20_000 });
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let offered = 0; performance.now() - startedAt < blockedMs; ) {
    const due = (performance.now() - startedAt) * perMs;
    for (; offered < due; offered += 1) all.push(ask());
    most = Math.max(most, process.memoryUsage.rss());
    await after(1);
  }
  await blocked;
  const unblockedAt = performance.now();
  await caller.call('pid');
  const recoveredMs = performance.now() - unblockedAt;
  await Promise.all(all);
  const sorted = Float64Array.from(refused).sort();
  process.stdout.write(
    [
      `callee blocked for ${blockedMs} ms, ${perMs * 1_000} calls/s of 1 KB offered (${all.length})`,
      `  memory     + ${((most - before) / 2 ** 20).toFixed(1)} MB at most`,
      `  refused    ${refused.length}, P50 ${at(sorted, 0.5)} ms, P99 ${at(sorted, 0.99)} ms, slowest ${at(sorted, 1)} ms`,
      `  recovered  after ${recoveredMs.toFixed(2)} ms`,
      `  outcomes   ${JSON.stringify(outcomes)}`,
      '',
    ].join('\n'),
  );
};

const took: number[] = [];
const bare: number[] = [];
for (let kill = 0; kill < kills; kill += 1) {
  took.push(await timeKill());
  bare.push(await timeBareKill());
}
const say = (what: string, times: readonly number[]): void => {
  const sorted = Float64Array.from(times).sort();
  process.stdout.write(
    `  ${what.padEnd(24)} P50 ${at(sorted, 0.5)} ms, P99 ${at(sorted, 0.99)} ms, slowest ${at(sorted, 1)} ms\n`,
  );
};
process.stdout.write(`callee killed ${kills} times\n`);
say(`${pendingCalls} pending calls failed`, took);
say('a bare socket closed', bare);
await timeBlocked();

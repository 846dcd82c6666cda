import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Action, Advice, Recommendation } from 'threadforge/control';

const adviceWithinMs = 75_000;
const verdictWithinMs = 90_000;

/** Runs `forge` with arguments, and gives what it printed. */
export type Forge = (...args: readonly string[]) => Promise<string>;

/** `forge` in the demo's folder. Exit codes 10 and 20 say how bad it is, not that the command failed. */
export const forgeAt =
  (main: string, cwd: string): Forge =>
  async (...args) => {
    const command = promisify(execFile)(process.execPath, [main, ...args], { cwd });
    const { stdout } = await command.catch((error) => {
      if (error.code === 10 || error.code === 20) return error as { stdout: string };
      throw error;
    });
    return stdout;
  };

/** The loop without a terminal: waits for advice, shows it, accepts it, shows whether it helped. */
export const report = async (forge: Forge): Promise<number> => {
  const show = async (...args: readonly string[]): Promise<void> =>
    print(`\n$ forge ${args.join(' ')}\n${await forge(...args)}`);

  print('\nOrders are about to rush in; waiting for the advice.\n');
  const advised = await until(adviceWithinMs, () => adviceOn(forge, 'orders'));
  if (advised === undefined) {
    print(`No advice on orders within ${adviceWithinMs / 1_000} s\n`);
    await show('top', '--once');
    return 1;
  }
  await show('top', '--once');
  await show('advise', 'accept', advised.id);
  print('\nThe verdict comes when the new layout has been measured.\n');
  const verified = await until(verdictWithinMs, () => verifiedAction(forge, advised));
  await show('top', '--once');
  await show('actions');
  return verified === undefined ? 1 : 0;
};

const print = (text: string): void => {
  process.stdout.write(text);
};

const until = async <T>(
  limitMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() > end) return found;
    await sleep(1_000);
  }
};

const adviceOn = async (forge: Forge, service: string): Promise<Recommendation | undefined> => {
  const advice: Advice = JSON.parse(await forge('advise', '--json'));
  return advice.recommendations.find((each) => each.service === service);
};

const verifiedAction = async (
  forge: Forge,
  { id }: Recommendation,
): Promise<Action | undefined> => {
  const { actions }: { actions: readonly Action[] } = JSON.parse(await forge('actions', '--json'));
  return actions.find((each) => each.recommendation === id && each.verification !== undefined);
};

import { Command } from 'commander';
import { answerNotJson } from '../../protocol/call-errors.ts';
import { seconds } from '../../protocol/units.ts';
import {
  examples,
  jsonValue,
  type MethodName,
  methodName,
  timeOption,
  wait,
} from '../arguments.ts';
import type { Io } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean; readonly timeout: number };

export const callCommand = (io: Io): Command =>
  withTarget(new Command('call'))
    .description('Call a method of a service of the running app, and print its answer')
    .argument('<service.method>', 'such as users.getUser', methodName)
    .argument(
      '[json...]',
      'its arguments, each as JSON',
      (text, before: readonly unknown[] = []) => [...before, jsonValue(text)],
    )
    .addOption(
      timeOption('--timeout <time>', 'how long to wait', { parse: wait, usually: seconds(30) }),
    )
    .option('--json', 'print one JSON document, or one a line for a stream')
    .addHelpText(
      'after',
      examples(
        'call users.getUser 7',
        `call users.rename 7 '"Ada"'`,
        `call orders.place '{"user":7}' --timeout 5s`,
      ),
    )
    .action(async (name: MethodName, args: readonly unknown[] | undefined, options: Options) => {
      await using supervisor = await attach(options, 'operator');
      const table = await supervisor.request('routingTable', {});
      const { callFromOutside } = await import('../../sdk/rpc/calling/call-from-outside.ts');
      const question = { ...name, table, args: args ?? [], timeoutMs: options.timeout };
      await callFromOutside(question, (answer) => print(io, { name, options, answer }));
    });

type Answered = { readonly name: MethodName; readonly options: Options; readonly answer: unknown };

const print = async (io: Io, { name, options, answer }: Answered): Promise<void> => {
  const { isStream } = await import('../../sdk/rpc/streams/stream.ts');
  if (isStream(answer)) {
    for await (const item of answer) {
      if (io.isGone()) return;
      io.out(`${jsonText(item)}\n`);
    }
  } else if (options.json === true) {
    io.out(`${jsonText({ version: 1, ...name, result: answer }, 2)}\n`);
  } else if (answer !== undefined) io.out(`${jsonText(answer, 2)}\n`);
};

/** Of what may be sent from one service to another, JSON cannot say all. */
const jsonText = (value: unknown, indent = 0): string => {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null';
  } catch (cause) {
    throw answerNotJson(cause);
  }
};

import { Command } from 'commander';
import { eventNotHandled } from '../../protocol/call-errors.ts';
import { eventName, examples, jsonValue } from '../arguments.ts';
import { type Io, printJson } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Options = Target & { readonly json?: boolean };

export const emitCommand = (io: Io): Command =>
  withTarget(new Command('emit'))
    .description('Publish an event to the running app, and say who handled it')
    .argument('<event>', 'its name, such as order.paid', eventName)
    .argument('[payload]', 'what its handlers get, as JSON', jsonValue)
    .option('--json', 'print one JSON document, for scripts')
    .addHelpText('after', examples(`emit order.paid '{"id":7}'`))
    .action(async (event: string, payload: unknown, options: Options) => {
      await using supervisor = await attach(options, 'operator');
      const table = await supervisor.request('routingTable', {});
      const { publish } = await import('../../sdk/events/publish.ts');
      const deliveries = await publish(table, event, payload);
      if (options.json === true) printJson(io, { version: 1, event, deliveries });
      else io.out(deliveries.map((each) => `${describe(each)}\n`).join('') || nobody(event));
      const failed = deliveries.filter(({ error }) => error !== undefined);
      if (failed.length > 0) throw eventNotHandled(event, failed.length, deliveries.length);
    });

const nobody = (event: string): string => `nobody listens to ${event}\n`;

const describe = (delivery: {
  readonly service: string;
  readonly workerId?: string;
  readonly error?: string;
}): string =>
  `${delivery.workerId ?? delivery.service}  ${delivery.error === undefined ? 'handled' : `failed: ${delivery.error}`}`;

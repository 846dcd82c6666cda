import { ServiceBroker } from 'moleculer';
import { userOf } from '../../test/fixtures/apps/calls/answers.ts';
import { takeJobs } from './jobs.ts';

const [, , role, address] = process.argv;
const [callee, caller] = address.split(',').map(Number);
const isCallee = role === 'callee';

const brokerOf = (options) =>
  new ServiceBroker({
    nodeID: role,
    logger: false,
    ...options,
    transporter: {
      type: 'TCP',
      options: {
        udpDiscovery: false,
        port: isCallee ? callee : caller,
        urls: [`tcp://127.0.0.1:${callee}/callee`, `tcp://127.0.0.1:${caller}/caller`],
      },
    },
  });
const users = (name) => ({ name, actions: { getUser: ({ params }) => userOf(params.id) } });
/** `options` of its broker, beside those that let the two find each other. */
export const runMoleculer = async (options) => {
  const broker = brokerOf(options);
  if (isCallee) broker.createService(users('users'));
  else broker.createService(users('local'));
  await broker.start();
  if (isCallee) process.stdout.write('ready\n');
  else {
    await broker.waitForServices('users', 20_000);
    await takeJobs({
      user: (id) => broker.call('users.getUser', { id }),
      local: (id) => broker.call('local.getUser', { id }),
    });
  }
};

const { fork } = require('node:child_process');
const { ServiceBroker } = require('moleculer');
const ApiGateway = require('moleculer-web');

const service = fork(require.resolve('./moleculer-service.cjs'));
process.once('SIGTERM', () => {
  service.kill();
  process.exit();
});
const port = Number(process.env.PORT);
const broker = new ServiceBroker({
  nodeID: 'gateway',
  namespace: `bench-${port}`,
  logger: false,
  transporter: {
    type: 'TCP',
    options: {
      udpDiscovery: false,
      port: Number(process.env.SECOND_PORT),
      urls: [
        `127.0.0.1:${process.env.SECOND_PORT}/gateway`,
        `127.0.0.1:${process.env.THIRD_PORT}/service`,
      ],
    },
  },
});
broker.createService({
  name: 'api',
  mixins: [ApiGateway],
  settings: {
    port,
    ip: '127.0.0.1',
    routes: [{ path: '/', aliases: { 'GET hello': 'greeter.hello' } }],
  },
});
broker.start().then(() => broker.waitForServices('greeter'));

const { ServiceBroker } = require('moleculer');

const port = Number(process.env.PORT);
const broker = new ServiceBroker({
  nodeID: 'service',
  namespace: `bench-${port}`,
  logger: false,
  transporter: {
    type: 'TCP',
    options: {
      udpDiscovery: false,
      port: Number(process.env.THIRD_PORT),
      urls: [
        `127.0.0.1:${process.env.SECOND_PORT}/gateway`,
        `127.0.0.1:${process.env.THIRD_PORT}/service`,
      ],
    },
  },
});
broker.createService({ name: 'greeter', actions: { hello: () => ({ hello: 'world' }) } });
broker.start();

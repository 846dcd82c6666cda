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
      port: port + 2,
      urls: [`127.0.0.1:${port + 1}/gateway`, `127.0.0.1:${port + 2}/service`],
    },
  },
});
broker.createService({ name: 'greeter', actions: { hello: () => ({ hello: 'world' }) } });
broker.start();

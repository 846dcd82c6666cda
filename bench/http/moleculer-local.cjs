const { ServiceBroker } = require('moleculer');
const ApiGateway = require('moleculer-web');

/** Gateway and service in one process. */
const broker = new ServiceBroker({ logger: false });
broker.createService({
  name: 'api',
  mixins: [ApiGateway],
  settings: {
    port: Number(process.env.PORT),
    ip: '127.0.0.1',
    routes: [{ path: '/', aliases: { 'GET hello': 'greeter.hello' } }],
  },
});
broker.createService({ name: 'greeter', actions: { hello: () => ({ hello: 'world' }) } });
broker.start();

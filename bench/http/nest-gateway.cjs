require('reflect-metadata');
const { fork } = require('node:child_process');
const { Controller, Get, Inject, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { ClientsModule, Transport } = require('@nestjs/microservices');

const tcp = {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: Number(process.env.SECOND_PORT) },
};

class Hello {
  constructor(client) {
    this.client = client;
  }
  hello() {
    return this.client.send('hello', {});
  }
}
Controller()(Hello);
Get('hello')(Hello.prototype, 'hello', Object.getOwnPropertyDescriptor(Hello.prototype, 'hello'));
Inject('SERVICE')(Hello, undefined, 0);

class App {}
Module({
  imports: [ClientsModule.register([{ name: 'SERVICE', ...tcp }])],
  controllers: [Hello],
})(App);

const service = fork(require.resolve('./nest-service.cjs'));
process.once('SIGTERM', () => {
  service.kill();
  process.exit();
});
service.once('message', async () => {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(Number(process.env.PORT), '127.0.0.1');
});

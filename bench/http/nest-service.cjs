require('reflect-metadata');
const { Controller, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { MessagePattern, Transport } = require('@nestjs/microservices');

class Hello {
  hello() {
    return { hello: 'world' };
  }
}
Controller()(Hello);
MessagePattern('hello')(
  Hello.prototype,
  'hello',
  Object.getOwnPropertyDescriptor(Hello.prototype, 'hello'),
);

class App {}
Module({ controllers: [Hello] })(App);

NestFactory.createMicroservice(App, {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: Number(process.env.SECOND_PORT) },
  logger: false,
})
  .then((app) => app.listen())
  .then(() => process.send('ready'));

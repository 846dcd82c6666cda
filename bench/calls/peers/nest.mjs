import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { userOf } from '../../../test/fixtures/apps/calls/answers.ts';
import { takeJobs } from '../jobs.ts';

const [, , role, address] = process.argv;
const options = { host: '127.0.0.1', port: Number(address) };

class Users {
  getUser({ id }) {
    return userOf(id);
  }
}
const { prototype } = Users;
const { Controller } = await import('@nestjs/common');
MessagePattern('getUser')(
  prototype,
  'getUser',
  Object.getOwnPropertyDescriptor(prototype, 'getUser'),
);
Controller()(Users);
class App {}
Module({ controllers: [Users] })(App);

if (role === 'callee') {
  const app = await NestFactory.createMicroservice(App, {
    transport: Transport.TCP,
    options,
    logger: false,
  });
  await app.listen();
  process.stdout.write('ready\n');
} else {
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  await client.connect();
  await takeJobs({ user: (id) => firstValueFrom(client.send('getUser', { id })) });
}

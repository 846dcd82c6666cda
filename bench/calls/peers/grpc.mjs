import { join } from 'node:path';
import { credentials, loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { userOf } from '../../../test/fixtures/apps/calls/answers.ts';
import { takeJobs } from '../jobs.ts';

const [, , role, address] = process.argv;
const { Users } = loadPackageDefinition(loadSync(join(import.meta.dirname, 'users.proto')));

if (role === 'callee') {
  const server = new Server();
  server.addService(Users.service, {
    getUser: ({ request }, answer) => answer(null, userOf(request.id)),
  });
  server.bindAsync(address, ServerCredentials.createInsecure(), () =>
    process.stdout.write('ready\n'),
  );
} else {
  const users = new Users(address, credentials.createInsecure());
  const getUser = (id) =>
    new Promise((resolve, reject) => {
      users.getUser({ id }, (error, user) => (error === null ? resolve(user) : reject(error)));
    });
  await takeJobs({ user: getUser });
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { now } from '../../src/sdk/rpc/calls.ts';
import { Cancellation } from '../../src/sdk/rpc/cancellation.ts';
import { Service } from '../../src/sdk/service.ts';
import { LocalCalls } from '../../src/sdk/worker/local-calls.ts';
import { host } from '../helpers/carriers.ts';

class Late extends Service {
  static readonly contract = { expose: ['answer'] };
  readonly asked = Promise.withResolvers<unknown>();

  answer(): Promise<unknown> {
    return this.asked.promise;
  }
}

test('what is answered after its deadline has been counted, and is not counted again', async () => {
  const callee = host('late', Late);
  const calls = new LocalCalls();
  const counted: string[] = [];
  const meter = { began: () => counted.push('began'), ended: () => counted.push('ended') };
  const call = { kind: 'call', service: 'late', method: 'answer', args: [], from: 'test' } as const;
  const answer = calls.call(callee, { ...call, deadlineMs: 20, meter }, now());
  await expect(answer).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  (callee.service as Late).asked.resolve('late');
  await setImmediate();
  expect(counted).toEqual(['began', 'ended']);
  calls.close();
});

/** Of a library that watches the HTTP servers of a process. */
const watching = new AsyncLocalStorage<string>();

class Pages extends Service {
  static readonly contract = {
    expose: ['page'],
    routes: [{ method: 'GET', path: '/', handler: 'page' }],
  } as const;

  page(): string | undefined {
    return watching.getStore();
  }
}

test('what somebody put into a store where a request comes in is there when it is answered', () => {
  const pages = host('pages', Pages);
  const sentAt = now();
  const call = {
    ...{ service: 'pages', method: 'page', args: [], from: 'ingress', traceparent: '' },
    ...{ sentAt, takenAt: sentAt, deadlineMs: 0, carried: { hops: 0 } },
    cancellation: new Cancellation(),
  };
  const answers = watching.run('a span', () => [
    pages.handle({ kind: 'route', ...call }),
    pages.handle({ kind: 'call', ...call }),
  ]);
  expect(answers).toEqual(['a span', undefined]);
});

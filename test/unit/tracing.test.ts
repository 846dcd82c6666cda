import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { findTracing, tracing } from '../../src/sdk/interceptors/tracing.ts';
import { type Client, Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';

class Users extends Service {
  static readonly contract = { expose: ['get', 'fail'], on: { 'order.made': 'onOrder' } };
  get(): unknown {
    return { trace: this.ctx.request?.traceparent, active: trace.getActiveSpan()?.spanContext() };
  }
  fail(): void {
    throw new TypeError('broken');
  }
  onOrder(): void {}
}

class Orders extends Service {
  static readonly contract = { expose: ['make', 'traces'] };
  declare readonly users: Client<Users>;
  async traces(): Promise<readonly unknown[]> {
    const { trace: passedOn } = (await this.users.get()) as { readonly trace: unknown };
    return [this.ctx.request?.traceparent, passedOn];
  }
  async make(): Promise<unknown> {
    this.emit('order.made', {});
    await this.users.fail().catch(() => undefined);
    return this.users.get();
  }
}

const register = (): InMemorySpanExporter => {
  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  return exporter;
};

afterEach(async () => {
  trace.disable();
  context.disable();
  propagation.disable();
  await findTracing();
});

test('with an SDK each end of a call is a span, and the trace of the next hop is that span', async () => {
  const exporter = register();
  await findTracing();
  await using app = await startApp({ users: Users, orders: Orders });
  const got = (await app.as<Orders>('orders').make()) as {
    readonly trace: string;
    readonly active: { readonly traceId: string; readonly spanId: string };
  };
  await app.settled();

  const spans = exporter.getFinishedSpans();
  const byName = Map.groupBy(spans, ({ name }) => name);
  const kinds = (name: string) => byName.get(name)?.map(({ kind }) => kind);
  // SERVER is 1, CLIENT 2, PRODUCER 3 and CONSUMER 4; the inner end is over first.
  expect(kinds('users/get')).toEqual([1, 2]);
  expect(kinds('users/order.made')).toEqual([4, 3]);
  expect(kinds('orders/make')).toEqual([1]);
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);

  const [server, client] = byName.get('users/get') ?? [];
  expect(server?.parentSpanContext?.spanId).toBe(client?.spanContext().spanId);
  expect(got.trace).toContain(server?.spanContext().spanId);
  expect(got.active.spanId).toBe(server?.spanContext().spanId);
  expect(byName.get('users/fail')?.map(({ status }) => status.code)).toEqual([2, 2]);
});

test('without one nothing stands round a call, and the trace goes through unchanged', async () => {
  await findTracing();
  expect([...tracing('client'), ...tracing('server')]).toEqual([]);
  await using app = await startApp({ users: Users, orders: Orders });
  const [seen, passedOn] = await app.as<Orders>('orders').traces();
  expect(passedOn).toBe(seen);
});

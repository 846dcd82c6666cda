import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actionListSchema, adviceSchema, statusSchema } from '../../src/protocol/schema.ts';
import { type DemoApp, startDemo } from '../helpers/demo.ts';

describe('the demo under a headless supervisor', () => {
  let app: DemoApp;

  beforeAll(async () => {
    app = await startDemo();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  test('every service is ready, and status --json is what the contract says', async () => {
    const { stdout, code } = await app.forge('status', '--json');
    const status = v.parse(statusSchema, JSON.parse(stdout));
    expect(code).toBe(0);
    expect(status.services.map(({ name, status: state }) => `${name} ${state}`).toSorted()).toEqual(
      ['billing', 'catalog', 'gateway', 'mailer', 'orders', 'search', 'thumbnails', 'users'].map(
        (name) => `${name} ready`,
      ),
    );
  });

  test('advise --json is what the contract says', async () => {
    const { stdout } = await app.forge('advise', '--json');
    expect(v.safeParse(adviceSchema, JSON.parse(stdout)).issues).toBeUndefined();
  });

  test('a contract route answers through the ingress, 201 for POST', async () => {
    const page = await fetch(`${app.http}/shop/1`);
    expect(page.status).toBe(200);
    const search = await fetch(`${app.http}/search?q=tea`);
    expect(search.status).toBe(200);
  });

  test('scale adds a worker and undo takes it away again', async () => {
    const scaled = await app.forge('scale', 'orders', '2', '--json');
    expect(JSON.parse(scaled.stdout)).toMatchObject({ status: 'done', to: { workers: 2 } });
    const undone = await app.forge('undo', '--json');
    expect(undone.code).toBe(0);
    const { stdout } = await app.forge('actions', '--json');
    const list = v.parse(actionListSchema, JSON.parse(stdout));
    expect(list.actions.some(({ status }) => status === 'undone')).toBe(true);
  });

  test('split moves a service out of its group while it keeps answering', async () => {
    const split = await app.forge('split', 'thumbnails', '--json');
    expect(JSON.parse(split.stdout)).toMatchObject({ status: 'done' });
    const { stdout } = await app.forge('status', '--json');
    const { services } = v.parse(statusSchema, JSON.parse(stdout));
    expect(services.find(({ name }) => name === 'thumbnails')?.colocatedWith).toEqual([]);
    expect((await app.forge('undo')).code).toBe(0);
  });

  test('an unknown service is refused with the known ones', async () => {
    const { code, stderr } = await app.forge('scale', 'oders', '2');
    expect(code).toBe(2);
    expect(stderr).toContain('orders');
  });

  test('stop drains everything and the supervisor ends with 0', async () => {
    expect((await app.forge('stop')).code).toBe(0);
    expect(await app.exited).toBe(0);
    expect((await app.forge('status')).code).toBe(4);
  });
});

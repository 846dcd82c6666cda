import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { parsePrometheus, type Series } from '../helpers/prometheus.ts';
import { statusOf } from '../helpers/status.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const service = `import { httpError, Service } from 'threadforge';
export default class Rows extends Service {
  static contract = {
    expose: ['ended'],
    routes: { 'GET /none': 'none', 'GET /broken': 'broken', 'GET /half': 'half', 'GET /large': 'large', 'GET /mixed': 'mixed', 'GET /silent': 'silent' },
  };
  #ended = 0;
  async *none() { throw httpError(404, 'no such rows'); }
  async *broken() { throw new Error('a secret of broken'); }
  async *half() { yield 1; throw new Error('a secret of half'); }
  async *large() { try { yield 10n ** 20n; } finally { this.#ended += 1; } }
  async *mixed() { try { yield 1; yield 10n ** 20n; yield 2; } finally { this.#ended += 1; } }
  silent() {
    const end = () => { this.#ended += 1; return { done: true }; };
    return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: async () => end() }) };
  }
  ended() { return this.#ended; }
}`;
const config =
  "export default { services: { rows: { entry: './rows.mjs', port: 0 } }, http: { port: 0 } };";

let files: WrittenApp;
let app: RunningApp;

beforeAll(async () => {
  files = writeApp({ 'rows.mjs': service, 'forge.config.mjs': config });
  app = await startApp(files.directory);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

const places: Readonly<Record<string, () => Promise<string>>> = {
  'the ingress': async () => app.http,
  'a port of its own': async () => {
    const { services } = await statusOf(app);
    return `http://127.0.0.1:${services.find(({ name }) => name === 'rows')?.port}`;
  },
};

describe.each(Object.keys(places))('a stream by %s', (place) => {
  const get = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await fetch(`${await places[place]?.()}${path}`, init);
  const ended = async (): Promise<number> => Number((await app.forge('call', 'rows.ended')).stdout);
  /** Times that a stream which had begun well did not end so. */
  const failed = async (): Promise<number> => {
    const calls = parsePrometheus((await app.forge('metrics')).stdout).get('forge_calls_total');
    const isIt = ({ labels }: Series): boolean =>
      labels['method'] === 'mixed' && labels['outcome'] === 'failed';
    return calls?.find(isIt)?.value ?? 0;
  };
  const logged = async (): Promise<string> => (await app.forge('logs')).stdout;

  test.each([
    ['/none', 404, { code: 'HTTP_404', message: 'no such rows' }],
    ['/broken', 500, { code: 'INTERNAL', message: 'The service failed' }],
    ['/large', 500, { code: 'ANSWER_NOT_JSON', message: 'The service failed' }],
  ])('that fails before its first item is an error: %s', async (path, status, error) => {
    const response = await get(path);
    expect([response.status, await response.json()]).toMatchObject([status, { error }]);
  });

  test('that fails later is cut, and the log has why', async () => {
    const response = await get('/half');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    await expect.poll(logged).toContain('Error: a secret of half');
    expect(await logged()).toContain('Error: a secret of broken');
  });

  test('that comes to an item which JSON cannot write is cut, ended at its source, and counted', async () => {
    const [endedBefore, failedBefore] = [await ended(), await failed()];
    const response = await get('/mixed');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    await expect.poll(ended).toBe(endedBefore + 1);
    await expect.poll(failed).toBe(failedBefore + 1);
  });

  test('that has nothing to say yet has its head sent, and is ended when its client leaves', async () => {
    const before = await ended();
    const response = await get('/silent');
    expect(response.status).toBe(200);
    await response.body?.cancel();
    await expect.poll(ended).toBe(before + 1);
  });
});

test('an item that JSON cannot write is told in the log, and its stream ended', async () => {
  const { stdout } = await app.forge('logs', '--level', 'error', '--json');
  expect(stdout.match(/GET \/large[^}]*ANSWER_NOT_JSON/g)?.length).toBeGreaterThan(0);
  await expect
    .poll(async () => (await app.forge('metrics')).stdout)
    .toMatch(/forge_errors_total\{service="rows"\} [1-9]/);
});
